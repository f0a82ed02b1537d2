/*
 * What a policy is refused for: each with its file, its line, and words that help.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy_fault.h"

#define X10  "xxxxxxxxxx"
#define X50  X10 X10 X10 X10 X10
#define X200 X50 X50 X50 X50
#define TAGS10(n)                                                                                  \
    n "0=v " n "1=v " n "2=v " n "3=v " n "4=v " n "5=v " n "6=v " n "7=v " n "8=v " n "9=v\n"
#define ARN  "arn:aws:iam::aws:policy/P"
#define ARN5 ARN " " ARN " " ARN " " ARN " " ARN "\n"

/* Texts that are whole files. */
static const struct fault whole_files[] = {
    {"[xacct]\nregion = eu-west-1\n", 0, "no section [base]", 0},
    {"region = eu-west-1\n" HEAD, 1, "outside any section", 0},
    {"\xef\xbb\xbf" HEAD, 1, "byte order mark", 0},
    {HEAD "[role r]\naccount = a\nname = R", HEAD_LINES + 3, "no newline at its end", 0},
    {HEAD "; a comment \0 with NUL\n", HEAD_LINES + 1, "control character 0x00",
     sizeof HEAD "; a comment \0 with NUL\n" - 1},
    {"[xacct]\r\nregion = eu-west-1\r\n[base]\r\nsource = file\r\n" HEAD, 1, "carriage return", 0},
    {HEAD "\0[\0x\n\0]\0\n", HEAD_LINES + 1, "UTF-16", sizeof HEAD "\0[\0x\n\0]\0\n" - 1},
    {"[xacct]\ntimeout = 5s\n[base]\nsource = file\nfile = /f\n", 1, "lacks the key region", 0},
    {"[xacct]\nregion = eu-west1\n[base]\nsource = file\nfile = /f\n", 2, "such as eu-west-1", 0},
    {"[xacct]\nregion = eu-west-1\n[base]\nfile = /f\n", 3, "lacks the key source", 0},
    {"[xacct]\nregion = eu-west-1\n[base]\nsource = imds\nfile = /f\n", 5,
     "file in [base] is for source = file, and its source is imds", 0},
    {"[xacct]\nregion = eu-west-1\n[base]\nsource = file\n", 3, "lacks the key file", 0},
    {"[xacct]\nregion = eu-west-1\n[base]\nsource = file\nfile = f\n", 5, "absolute path", 0},
    {"[xacct]\nregion = eu-west-1\n[base]\nsource = file\nfile = /f\nprofile = [x]\n", 6,
     "without its brackets", 0},
    {"[xacct]\n[xacct]\nregion = eu-west-1\n[base]\nsource = file\nfile = /f\n", 2,
     "stands in line 1 already", 0},
};

/* Further keys of [xacct]: the error is in line 3. */
static const struct fault host_keys[] = {
    {"timeout = 5", 3, "write 5s or 800ms", 0},
    {"timeout = 99ms", 3, "from 100ms to 60s", 0},
    {"timeout = 61s", 3, "from 100ms to 60s", 0},
    {"timeout = 99999999999999999999s", 3, "write 5s", 0},
    {"timeout = s", 3, "write 5s", 0},
    {"sts_endpoint = sts.example", 3, "write https://HOST", 0},
    {"sts_endpoint = ftp://sts.example", 3, "write https://HOST", 0},
    {"sts_endpoint = https://", 3, "write https://HOST", 0},
    {"sts_endpoint = https://user@sts.example", 3, "write https://HOST", 0},
    {"sts_endpoint = https://sts.example/path", 3, "write https://HOST", 0},
    {"sts_endpoint = https://sts.example?x", 3, "write https://HOST", 0},
    {"sts_endpoint = https://sts.example:0", 3, "write https://HOST", 0},
    {"sts_endpoint = https://sts.example:65536", 3, "write https://HOST", 0},
    {"sts_endpoint = http://sts.example", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = http://127.0.0.1.sts.example", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = http://localhost.example", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = http://127.0.0.1.5", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = http://127.0.0.256", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = http://127.0.0.1.", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = http://127.1", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = http://[::2]:80", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = http://10.0.0.1", 3, "http:// is for loopback alone", 0},
    {"sts_endpoint = https://[::1", 3, "write https://HOST", 0},
    {"ca_bundle = ca.pem", 3, "absolute path", 0},
    {"ca_bundle = /etc/../ca.pem", 3, "absolute path", 0},
    {"ca_bundle = /etc/ca.pem # ours", 3, "absolute path", 0},
    {"audit = audit.jsonl", 3, "audit = audit.jsonl: write an absolute path", 0},
    {"sessions = /run/xacct/", 3, "absolute path", 0},
    {"console_endpoint = sts.example", 3, "console_endpoint = sts.example: write https://HOST", 0},
    {"console_endpoint = http://signin.example", 3, "http:// is for loopback alone", 0},
    {"state = state", 3, "state = state: write an absolute path", 0},
    {"session_max = 12", 3, "session_max = 12: write 12h or 2d", 0},
    {"session_max = 899s", 3, "from 15m to 30d", 0},
    {"session_max = 31d", 3, "from 15m to 30d", 0},
    {"session_max = 720h1m", 3, "from 15m to 30d", 0},
    {"min_life = 59", 3, "from 1m to less than the duration", 0},
    {"min_life = 12h", 3, "from 1m to less than the duration", 0},
    {"min_life = half", 3, "write 30m", 0},
    {"deliver = file", 3, "write env or process", 0},
    {"minimum_uid = 0", 3, "from 1 to", 0},
    {"minimum_uid = 4294967295", 3, "to 4294967294", 0},
    {"minimum_uid = -1", 3, "write a number", 0},
    {"duration = 14m", 3, "from 15m to 12h", 0},
    {"session_name = bastion", 3, "must hold %{human} or %{user}", 0},
    {"source_identity = true", 3, "write yes or no", 0},
    {"users = alice", 3,
     "unknown key \"users\" in [xacct]; known here are region sts_region timeout", 0},
};

/* Lines below the head; the error's line counts from there. */
static const struct fault bodies[] = {
    /* form */
    {"[rolle x]\n", 1,
     "unknown section [rolle x]; known are [xacct] [base] [base NAME] [ca NAME] [account", 0},
    {"[]\n", 1, "unknown section []", 0},
    {"[Role x]\n", 1, "unknown section [Role x]", 0},
    {"[role]\n", 1, "needs a name", 0},
    {"[role ]\n", 1, "needs a name", 0},
    {"[base ]\n", 1, "[base ] needs a name, as in [base NAME]", 0},
    {"[xacct ]\n", 1, "takes no name", 0},
    {"[role  x]\n", 1, "after one blank", 0},
    {"[role x ]\n", 1, "after one blank", 0},
    {"[role a b]\n", 1, "after one blank", 0},
    {"[role a/b]\n", 1, "letters, digits", 0},
    {"[role \xc3\xbc]\n", 1, "letters, digits", 0},
    {"[role x\n", 1, "no closing ]", 0},
    {"[role x ; y]\n", 1, "no closing ]", 0},
    {"[role x] y\n", 1, "text after the ]", 0},
    {"[role x] # comment\n", 1, "text after the ]", 0},
    {"[role x]y]\n", 1, "text after the ]", 0},
    {"[role " X10 X10 X10 X10 "xxxxx]\n", 1, "50 bytes; at most 49", 0},
    {"[account a]\nid = 777788889999\n", 1, "[account a] stands in line 6 already", 0},
    {ROLES "[role r]\n", 7, "[role r] stands in line 10 already", 0},
    {"[role x]\naccount\n", 2, "not KEY = VALUE", 0},
    {"[role x]\naccount: a\n", 2, "not KEY = VALUE", 0},
    {"[role x]\nacc:ount = a\n", 2, "not KEY = VALUE", 0},
    {"[role x]\naccount ; = a\n", 2, "not KEY = VALUE", 0},
    {"[role x]\nlast one is not\n", 2, "not KEY = VALUE", 0},
    {"[role x]\n= a\n", 2, "unknown key \"\"", 0},
    {"[role x]\ndura_tion = 1h\n", 2,
     "unknown key \"dura_tion\" in [role x]; known here are region sts_region account name arn", 0},
    {"[role x]\nAccount = a\n", 2, "unknown key \"Account\"", 0},
    {"[role x]\n" X50 X10 " = 1h\n", 2, "unknown key", 0},
    {"[role x]\naccount = a\naccount = a\n", 3, "account stands in line 11 of [role x] already", 0},
    {"[role x]\nname =\naccount = a\n", 2, "name in [role x] has no value", 0},
    {"[role x]\nname = ; nothing\naccount = a\n", 2, "name in [role x] has no value", 0},
    {ROLES "[grant g]\nusers =\nroles = r\n", 8, "users in [grant g] has no value", 0},
    {ROLES "[grant g]\nusers = u\nusers =\nroles = r\n", 9, "users in [grant g] has no value", 0},
    {ROLES "[grant g]\nroles = r\nusers =\n", 9, "users in [grant g] has no value", 0},
    {"[role x]\nname = " X200 "\n", 2, "207 bytes; at most 198", 0},
    {"; " X200 "\n", 1, "202 bytes; at most 198", 0},
    {"; " X50 X50 X50 X10 X10 X10 X10 "xxxxxxx\n", 1, "199 bytes; at most 198", 0},
    {"[role x]\r\n", 1, "carriage return", 0},
    {"[role x]\nname = a\x01\n", 2, "control character 0x01", 0},
    {"[role x]\nname = a\x7f\n", 2, "control character 0x7f", 0},
    {"[role x]\nname = a\v\n", 2, "control character 0x0b", 0},
    {"[role x]\nname = abcdefg\x7fhijklmnopqrst\n", 2, "control character 0x7f", 0},
    {"[role x]\nname = \xff\xff\x7f\xff\xff\xff\xff\n", 2, "control character 0x7f", 0},
    {"[role x]\nname = abcdefg\x1fhijklmnopqrst\n", 2, "control character 0x1f", 0},
    {"[role x]\n  account = a\n", 2, "a key must stand at the left edge", 0},
    {"[role x]\n  account=a\n", 2, "no key above it", 0},
    {ROLES "[grant g]\nusers = u\n  [deny d]\nroles = r\n", 9, "[ must stand at the left edge", 0},
    {ROLES "[grant g]\nusers = u\n  roles = r\n", 9, "a key must stand at the left edge", 0},
    {ROLES "[grant g]\nusers = u\n  roles =r\n", 9, "a key must stand at the left edge", 0},
    {ROLES "[grant g]\nusers = u\n  roles= r\n", 9, "a key must stand at the left edge", 0},
    {ROLES "[grant g]\nroles = r\nusers = u\n\troles=r\n", 10, "an indented key", 0},
    {ROLES "[grant g]\nroles = r\nusers = u\n  v ; w\n", 10, "a comment on an indented line", 0},
    {ROLES "[grant g]\nroles = r\nusers = u\n  v # w\n", 10, "a comment on an indented line", 0},
    {ROLES "[grant g]\nroles = r\nusers = u\n  ; w\n", 10, "a comment on an indented line", 0},
    {ROLES "[grant g]\nroles = r\nusers = u\n  # w\n", 10, "a comment on an indented line", 0},
    {"[role x]\naccount = a\n  b\n", 3, "a key that takes one line", 0},
    {"[role x]\nname = R\naccount = a\n[role y]\n  z\n", 5, "no key above it", 0},
    {ROLES "[grant g]\nroles = r\nusers = a # b\n", 9, "\"#\" among the values", 0},
    {ROLES "[grant g]\nroles = r\nusers = \"a b\n", 9, "not closed", 0},
    {ROLES "[grant g]\nroles = r\nusers = \"a ; b\"\n", 9, "not closed", 0},
    {ROLES "[grant g]\nroles = r\nusers = a\"b c\"\n", 9, "in the middle of a word", 0},
    {ROLES "[grant g]\nroles = r\nusers = \"a\"b\n", 9, "followed by a blank", 0},
    /* [account] and [role] */
    {"[account c]\n", 1, "lacks the key id", 0},
    {"[account c]\nid = 11112222333\n", 2, "12 digits", 0},
    {"[account c]\nid = 11112222333x\n", 2, "12 digits", 0},
    {"[account c]\nid = 111122223333\n", 2, "that of [account a] in line 6 already", 0},
    {"[role x]\nname = R\n", 1, "lacks the key account", 0},
    {"[role x]\nname = R\naccount = z\n", 3, "there is no [account z]", 0},
    {"[role x]\naccount = a\n", 1, "lacks name = PATH/NAME", 0},
    {"[role x]\naccount = a\nname = R\narn = arn:aws:iam::111122223333:role/R\n", 4,
     "both name and arn", 0},
    {"[role x]\naccount = a\nname = a b\n", 3, "1 to 64", 0},
    {"[role x]\naccount = a\nname = a:b\n", 3, "1 to 64", 0},
    {"[role x]\naccount = a\nname = /R\n", 3, "without a / at the beginning", 0},
    {"[role x]\naccount = a\nname = p//R\n", 3, "a part of the path is empty", 0},
    {"[role x]\naccount = a\nname = p/\n", 3, "1 to 64", 0},
    {"[role x]\naccount = a\nname = p q/R\n", 3, "visible ASCII", 0},
    {"[role x]\naccount = a\nname = " X50 "xxxxxxxxxxxxxxx\n", 3, "1 to 64", 0},
    {"[role x]\naccount = a\nname = %{user}\n", 3, "needs a part that is not", 0},
    {"[role x]\naccount = a\nname = %{account}/-%{user}\n", 3, "needs a part that is not", 0},
    {"[role x]\naccount = a\nname = x-%{usr}\n", 3, "begins no template", 0},
    {"[role x]\naccount = a\narn = arn:aws:iam::444455556666:role/R\n", 3, "not in account a", 0},
    {"[role x]\naccount = a\narn = arn:aws-cn:iam::111122223333:role/R\n", 3, "not in aws,", 0},
    {"[role x]\naccount = a\narn = arn:aws:iam::111122223333:user/R\n", 3, "write arn:aws:iam", 0},
    {"[role x]\naccount = a\narn = arn:aws:sts::111122223333:role/R\n", 3, "write arn:aws:iam", 0},
    {"[role x]\naccount = a\narn = arn:aws:iam::111122223333:role/\n", 3, "1 to 64", 0},
    {"[role x]\naccount = a\narn = arn:aws:iam::111122223333:role/%{role\n", 3, "no template", 0},
    /* settings */
    {"[role x]\naccount = a\nname = R\nexternal_id = x\n", 4, "2 to 1224", 0},
    {"[role x]\naccount = a\nname = R\nexternal_id = x*y\n", 4, "2 to 1224", 0},
    {"[role x]\naccount = a\nname = R\nexternal_id = xy\n  z z\n", 4, "2 to 1224", 0},
    {"[role x]\naccount = a\nname = R\nregion = Frankfurt\n", 4, "such as eu-west-1", 0},
    {"[role x]\naccount = a\nname = R\nregion = cn-north-1\n", 4, "is in partition aws-cn", 0},
    {"[role x]\naccount = a\nname = R\nduration = 899\n", 4, "from 15m to 12h", 0},
    {"[role x]\naccount = a\nname = R\nduration = 43201s\n", 4, "from 15m to 12h", 0},
    {"[role x]\naccount = a\nname = R\nduration = 13h\n", 4, "from 15m to 12h", 0},
    {"[role x]\naccount = a\nname = R\nduration = 1 h\n", 4, "write 1h", 0},
    {"[role x]\naccount = a\nname = R\nduration = 1d\n", 4, "write 1h", 0},
    {"[role x]\naccount = a\nname = R\nduration = 99999999999999999999\n", 4, "write 1h", 0},
    {"[role x]\naccount = a\nname = R\ndeliver =\n", 4, "deliver in [role x] has no value", 0},
    {"[role x]\naccount = a\nname = R\nmin_life = 1h\n", 4,
     "[role x] has min_life = 3600s with STS's duration of 3600s; min_life must be below it", 0},
    {"[role x]\naccount = a\nname = R\nmin_life = 1h\nduration = 1h\n", 4, "a duration of 3600s",
     0},
    {"[account c]\nid = 777788889999\nmin_life = 1h\n[role x]\nname = R\naccount = c\n"
     "duration = 30m\n",
     7, "[role x] has min_life = 3600s with a duration of 1800s", 0},
    {"[account c]\nid = 777788889999\nduration = 30m\n[role x]\nname = R\naccount = c\n"
     "min_life = 30m\n",
     7, "with a duration of 1800s", 0},
    {"[account c]\nid = 777788889999\nmin_life = 2h\n[role x]\nname = R\naccount = c\n", 4,
     "with STS's duration of 3600s", 0},
    {"[role x]\naccount = a\nname = R\nsource_identity = 1\n", 4, "write yes or no", 0},
    {"[role x]\naccount = a\nname = R\nsession_name = %{human} x\n", 4, "STS takes", 0},
    {"[role x]\naccount = a\nname = R\nsession_name = %{session_name}\n", 4, "cannot be made", 0},
    {"[role x]\naccount = a\nname = R\nsession_name = x-%{host}\n", 4, "two people", 0},
    {"[role x]\naccount = a\nname = R\nsession_name = %{who}\n", 4, "begins no template", 0},
    {"[role x]\naccount = a\nname = R\npolicy_arns = ReadOnly\n", 4, "ARN of a managed policy", 0},
    {"[role x]\naccount = a\nname = R\npolicy_arns = arn:aws:iam::aws:role/R\n", 4, "managed", 0},
    {"[role x]\naccount = a\nname = R\npolicy_arns = arn:aws:iam::11112222333a:policy/R\n", 4,
     "managed", 0},
    {"[role x]\naccount = a\narn = arn:aws:iam::11112222333a:role/R\n", 3, "arn", 0},
    {"[role x]\naccount = a\nname = R\npolicy_arns = arn:aws-cn:iam::aws:policy/R\n", 4, "in aws,",
     0},
    {"[role x]\naccount = a\nname = R\npolicy_arns = " ARN " arn:aws:iam::444455556666:policy/R\n",
     4, "not in account 111122223333", 0},
    {"[role x]\naccount = a\nname = R\npolicy_arns =\n  " ARN5 "  " ARN5 "  " ARN "\n", 7,
     "11 ARNs; STS takes 10", 0},
    {"[role x]\naccount = a\nname = R\ntags = project\n", 4, "not KEY=VALUE", 0},
    {"[role x]\naccount = a\nname = R\ntags = =v\n", 4, "1 to 128", 0},
    {"[role x]\naccount = a\nname = R\ntags = a*=v\n", 4, "1 to 128", 0},
    {"[role x]\naccount = a\nname = R\ntags = %{user}=v\n", 4, "1 to 128", 0},
    {"[role x]\naccount = a\nname = R\ntags = a=*\n", 4, "up to 256", 0},
    {"[role x]\naccount = a\nname = R\ntags = a=\xff\n", 4, "up to 256", 0},
    {"[role x]\naccount = a\nname = R\ntags = a=%{nobody}\n", 4, "begins no template", 0},
    {"[role x]\naccount = a\nname = R\ntags = AWS:a=v\n", 4, "AWS's own", 0},
    {"[role x]\naccount = a\nname = R\ntags = a=v\ntags = A=v\n", 5, "in line 13 already", 0},
    {"[role x]\naccount = a\nname = R\ntags =\n  " TAGS10("a") "  " TAGS10("b") "  " TAGS10(
         "c") "  " TAGS10("d") "  " TAGS10("e") "  f=v\n",
     10, "51 tags; STS takes 50", 0},
    {"[role x]\naccount = a\nname = R\ntags = k=v\n  l= w\n", 5, "an indented \"=\"", 0},
    {"[account c]\nid = 777788889999\ntags =\n  " TAGS10("a") "  " TAGS10("b") "  " TAGS10(
         "c") "  " TAGS10("d") "  " TAGS10("e") "[role x]\naccount = c\nname = R\ntags = f=v\n",
     9, "51 tags with its account's; STS takes 50", 0},
    {"[account c]\nid = 777788889999\ntags = k=v\n[role x]\naccount = c\nname = R\ntags = k=w\n", 7,
     "k=w here and k=v in line 12", 0},
    {"[account c]\nid = 777788889999\ntags = k=v\n[role x]\naccount = c\nname = R\ntags = K=v\n", 7,
     "K=v here and k=v in line 12", 0},
    {"[role x]\naccount = a\nname = R\ntags = k=v\ntransitive_tags = l\n", 5, "l is not among", 0},
    {"[account c]\nid = 777788889999\ntransitive_tags = l\n[role x]\naccount = c\nname = R\n", 4,
     "l is not among the tags of [role x]", 0},
    /* rules */
    {ROLES "[grant g]\nroles = r\n", 7, "[grant g] names nobody", 0},
    {ROLES "[grant g]\nusers = u\n", 7, "lacks the key roles", 0},
    {ROLES "[grant g]\nusers = u\nroles = r z\n", 9, "there is no [role z]", 0},
    {ROLES "[grant g]\nusers = u\nroles = r, s\n", 9, "there is no [role r,]", 0},
    {ROLES "[grant g]\nusers = u\nroles = r\ndefault = z\n", 10, "there is no [role z]", 0},
    {ROLES "[grant g]\nusers = u\nroles = r\ndefault = s\n", 10, "not among the roles", 0},
    {ROLES "[grant g]\nusers = u\nroles = r\nrolls = s\ndefault = s\n", 10, "key \"rolls\"", 0},
    {ROLES "[grant g]\nusers = u\nroles = r\nservices = a/b\n", 10, "not the name of a PAM", 0},
    {ROLES "[grant g]\nusers = u\nroles = r\naccounts = a\n", 10, "unknown key \"accounts\"", 0},
    {ROLES "[deny d]\nusers = u\nuntil = 2027-03-31\n", 9, "unknown key \"until\" in [deny d]", 0},
    {"[role x]\naccount = a\nname = R\nuntil = 2027-03-31\n", 4, "unknown key \"until\"", 0},
    {ROLES "[deny d]\nservices = sshd\nusers = u\n", 8, "unknown key \"services\"", 0},
    {"[deny d]\n", 1, "[deny d] names nobody", 0},
    {"[deny d]\naccounts = a\n", 1, "[deny d] names nobody", 0},
    {"[deny d]\nusers = u\naccounts = z\n", 3, "there is no [account z]", 0},
    {"[deny d]\nusers = u\nroles = z\n", 3, "there is no [role z]", 0},
    {"[deny d]\nusers = u, v\n", 2, "names are separated by blanks", 0},
    {"[deny d]\nusers = *\n", 2, "matched byte for byte", 0},
    {"[deny d]\nusers = @leavers\n", 2, "groups stand under groups", 0},
    {"[deny d]\ngroups =\n  a\n  %b\n", 4, "groups stand under groups", 0},
    {"[deny d]\nusers = \"\"\n", 2, "an empty name", 0},
};

static void each_fault_of_a_file_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole_files / sizeof *whole_files; i++) {
        const struct fault *fault = &whole_files[i];

        expect_fault(fault->text, fault->size > 0 ? fault->size : strlen(fault->text), fault->line,
                     fault->words);
    }
}

static void each_fault_of_the_host_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults("[xacct]\nregion = eu-west-1\n", 0, "\n[base]\nsource = file\nfile = /f\n",
                  host_keys, COUNT_OF(host_keys));
}

static void each_fault_of_a_section_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults(HEAD, HEAD_LINES, "", bodies, COUNT_OF(bodies));
}

static void all_faults_are_told_in_the_order_of_their_lines(void **state)
{
    static const char text[] = "[xacct]\n"
                               "timeout = never\n"
                               "[grant g]\n"
                               "users = u\n"
                               "roles = z\n"
                               "[nonsense]\n"
                               "whatever = is below it is not looked at\n"
                               "[role r]\n"
                               "account = z\n";
    static const struct {
        unsigned line;
        const char *words;
    } expected[] = {
        {0, "no section [base]"},       {1, "lacks the key region"}, {2, "timeout = never"},
        {5, "there is no [role z]"},    {6, "unknown section"},      {8, "lacks name"},
        {9, "there is no [account z]"},
    };
    struct policy_errors errors;

    (void)state;
    assert_null(parse("/p", text, sizeof text - 1, &errors));
    assert_int_equal(errors.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < errors.count; i++) {
        assert_int_equal(errors.items[i].line, expected[i].line);
        assert_non_null(strstr(errors.items[i].text, expected[i].words));
    }
    policy_errors_free(&errors);
}

/* A session policy that is wrong: told at its own line, or, with line 0, where it is named. */
static const struct {
    const char *bytes;
    size_t size;
    unsigned line;
    const char *words;
} session_policies[] = {
    {"", 0, 0, "not a JSON object"},
    {" \n ", 3, 0, "not a JSON object"},
    {"[]", 2, 0, "not a JSON object"},
    {"{\"a\": 1", 7, 0, "not a JSON object"},
    {"{\0}", 3, 0, "NUL"},
    {"{\n\"\xe2\x82\xac\"}\n", 9, 2, "U+20AC"},
    {"{\n\x01}\n", 5, 2, "U+0001"},
    {"{\n\xff}\n", 5, 2, "not UTF-8"},
    {"{\n\xc0\x80}\n", 6, 2, "not UTF-8"},
    {"{\n\xed\xa0\x80}\n", 7, 2, "not UTF-8"},
    {"{\n\n\"%{usr}\"}\n", 13, 3, "begins no template"},
    {"{\n\"%{user\"}\n", 11, 2, "begins no template"},
};

/* Makes a folder with the file `session.json` of these bytes, and writes its paths. */
static void make_session_policy(char folder[64], char file[96], const char *bytes, size_t size)
{
    FILE *stream;

    strcpy(folder, "/tmp/xacct-policy-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(file, 96, "%s/session.json", folder);
    stream = fopen(file, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
}

static void remove_session_policy(const char *folder, const char *file)
{
    unlink(file);
    rmdir(folder);
}

static void each_fault_of_a_session_policy_is_told_once(void **state)
{
    static const char text[] = HEAD "[role x]\naccount = a\nname = R\npolicy = session.json\n"
                                    "[role y]\naccount = a\nname = S\npolicy = session.json\n";

    (void)state;
    for (size_t i = 0; i < sizeof session_policies / sizeof *session_policies; i++) {
        char folder[64], file[96], path[96];
        struct policy_errors errors;

        make_session_policy(folder, file, session_policies[i].bytes, session_policies[i].size);
        snprintf(path, sizeof path, "%s/xacct.conf", folder);
        assert_null(parse(path, text, sizeof text - 1, &errors));
        remove_session_policy(folder, file);
        assert_int_equal(errors.count, 1);
        assert_non_null(strstr(errors.items[0].text, session_policies[i].words));
        if (session_policies[i].line > 0) {
            assert_string_equal(errors.items[0].file, file);
            assert_int_equal(errors.items[0].line, session_policies[i].line);
        } else {
            assert_string_equal(errors.items[0].file, path);
            assert_int_equal(errors.items[0].line, HEAD_LINES + 4);
        }
        policy_errors_free(&errors);
    }
}

static void a_session_policy_that_is_missing_or_too_large_is_told(void **state)
{
    static const char text[] = HEAD "[role x]\naccount = a\nname = R\npolicy = session.json\n";
    static char bytes[20 * 1024 + 1];
    char folder[64], file[96], path[96];
    struct policy_errors errors;

    (void)state;
    memset(bytes, ' ', sizeof bytes);
    make_session_policy(folder, file, bytes, sizeof bytes);
    snprintf(path, sizeof path, "%s/xacct.conf", folder);
    assert_null(parse(path, text, sizeof text - 1, &errors));
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.items[0].text, "20481 bytes; at most 20480"));
    policy_errors_free(&errors);
    remove_session_policy(folder, file);
    assert_null(parse(path, text, sizeof text - 1, &errors));
    assert_int_equal(errors.count, 1);
    assert_int_equal(errors.items[0].line, HEAD_LINES + 4);
    assert_non_null(strstr(errors.items[0].text, "No such file"));
    policy_errors_free(&errors);
}

static void a_policy_file_that_cannot_be_trusted_is_refused(void **state)
{
    static const struct trust trust = {.largest = 1024 * 1024};
    char folder[64], file[96];
    struct policy_errors errors;

    (void)state;
    make_session_policy(folder, file, HEAD, sizeof HEAD - 1);
    assert_null(policy_load(file, &trust, &errors));
    remove_session_policy(folder, file);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.items[0].file, file);
    assert_int_equal(errors.items[0].line, 0);
    assert_non_null(strstr(errors.items[0].text, "must belong to root"));
    policy_errors_free(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_of_a_file_is_told_with_its_line),
        cmocka_unit_test(each_fault_of_the_host_is_told_with_its_line),
        cmocka_unit_test(each_fault_of_a_section_is_told_with_its_line),
        cmocka_unit_test(all_faults_are_told_in_the_order_of_their_lines),
        cmocka_unit_test(each_fault_of_a_session_policy_is_told_once),
        cmocka_unit_test(a_session_policy_that_is_missing_or_too_large_is_told),
        cmocka_unit_test(a_policy_file_that_cannot_be_trusted_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
