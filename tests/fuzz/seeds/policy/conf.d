[xacct]
region = eu-west-1
[base]
source = file
file = /etc/xacct/base
[account a]
id = 111122223333
=== 10-a.conf
[role r]
account = a
name = R
policy = audit.json
[grant g]
users = alice
roles = r
=== 20-b.conf
[role s]
account = a
name = S
[deny d]
users = bob
=== audit.json
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::%{user}/*"}]}
