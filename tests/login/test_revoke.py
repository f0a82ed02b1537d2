"""What `xacct revoke` prints, taken by Ceph's gateway as a role's policy. Ceph 16 does not know the keys
`aws:TokenIssueTime`, `aws:SourceIdentity` and `aws:userid`, so that these never hold there: that the
document denies whom it should is in service/test_revoke.

SPDX-License-Identifier: BSD-2-Clause
"""

import json
import subprocess

from rig import ceph, policy
from rig.bastion import RULES
from rig.service import installed


def test_a_real_iam_takes_the_document_and_keeps_it_as_it_is(host, gateway):
    host.reset(gateway.url, ceph.BASTION_KEY, ceph.BASTION_SECRET)
    policy.write(policy.heading(gateway.url) + RULES)
    with installed():
        done = subprocess.run(["/usr/bin/xacct", "revoke", "--json", "alice"], capture_output=True, text=True,
                              check=True, timeout=60)
    document = json.loads(done.stdout)["policy"]
    # By source identity, and by the session's name, as a role of the policy sends none.
    assert len(document["Statement"]) == 2
    client = gateway.create_client("333344445555")
    client.aws("iam", "create-role", "--role-name", "Auditor", "--assume-role-policy-document",
               ceph.policy_document(["sts:AssumeRole"], Principal={"AWS": ceph.BASTION_ARN}))
    client.aws("iam", "put-role-policy", "--role-name", "Auditor", "--policy-name", "xacct-revoked",
               "--policy-document", json.dumps(document, separators=(",", ":")))
    kept = json.loads(client.aws("iam", "get-role-policy", "--role-name", "Auditor", "--policy-name",
                                 "xacct-revoked"))["PolicyDocument"]
    assert kept == document
