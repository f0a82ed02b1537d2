"""Roles that are assumed from the session of another: `base_role`.

SPDX-License-Identifier: BSD-2-Clause
"""

import pytest

from rig import policy, sts_standin
from rig.bastion import ROLE_ARN
from rig.fixtures import BASE_ARN

from .asking import assume, line_of, write_policy

HUB_ARN = "arn:aws:iam::999900001111:role/Hub"
SPOKE_ARN = "arn:aws:iam::444455556666:role/Spoke"
FAR_ARN = "arn:aws:iam::444455556666:role/Far"

CHAIN = """
[account hub]
id = 999900001111

[account spokes]
id        = 444455556666
base_role = hub

[role hub]
account         = hub
name            = Hub
tags            = team=ops
transitive_tags = team

[role spoke]
account  = spokes
name     = Spoke
tags     = team=ops
duration = 2h

[role far]
account   = spokes
name      = Far
base_role = spoke

[grant all]
users   = alice bob
roles   = spoke far
default = spoke
"""


@pytest.fixture
def chain(sts, service):
    sts.roles |= {
        HUB_ARN: sts_standin.Role(BASE_ARN),
        SPOKE_ARN: sts_standin.Role(HUB_ARN, longest=43200),
        FAR_ARN: sts_standin.Role(SPOKE_ARN),
    }
    write_policy(sts, grants=CHAIN)
    return sts


def arns(sts):
    return [call.parameters.get("RoleArn") for call in sts.calls]


def test_the_hub_is_assumed_first_and_both_name_the_human(bastion, chain, opened):
    reply = opened("alice").reply
    assert reply["AWS_ACCESS_KEY_ID"] == chain.issued[-1].access_key
    assert arns(chain) == [HUB_ARN, SPOKE_ARN]
    for call in chain.calls:
        assert call.parameters["RoleSessionName"] == "alice"
    assert chain.calls[0].parameters["SourceIdentity"] == "alice"
    # It sticks, as the stand-in knows as well as AWS does.
    assert chain.sessions[reply["AWS_ACCESS_KEY_ID"]].source_identity == "alice"
    # The hub passes this tag on, and STS takes none twice.
    assert "Tags" not in chain.calls[1].parameters
    assert chain.sessions[reply["AWS_ACCESS_KEY_ID"]].transitive == {"team": "ops"}


def test_aws_gives_a_chained_session_an_hour_and_all_are_told(bastion, chain, opened):
    reply = opened("alice").reply
    assert [call.parameters.get("DurationSeconds") for call in chain.calls] == [None, 3600]
    assert "7200" in line_of(bastion, reply)["notice"]
    bastion.syslog.wait_for(r".*Spoke is a session itself")


def test_the_hubs_session_is_kept_for_its_human_alone(chain, opened):
    opened("alice")
    opened("bob")
    assert arns(chain) == [HUB_ARN, SPOKE_ARN] * 2
    assert [call.parameters["RoleSessionName"] for call in chain.calls] == [
        "alice", "alice", "bob", "bob",
    ]  # fmt: skip
    signers = [chain.sessions[call.access_key].arn for call in chain.calls[1::2]]
    assert [arn.rsplit("/")[-1] for arn in signers] == ["alice", "bob"]


def test_a_chain_has_any_length_and_shares_what_is_in_front(chain, opened):
    session = opened("alice").session
    chain.calls = []
    reply = assume("alice", session, "far")
    assert reply["AWS_ACCESS_KEY_ID"] == chain.issued[-1].access_key
    assert arns(chain)[-1] == FAR_ARN and HUB_ARN not in arns(chain)


def test_what_the_hub_passes_on_counts_for_what_is_in_memory(chain, opened):
    plain = CHAIN.replace("tags     = team=ops\n", "")
    write_policy(chain, grants=plain)
    opened("alice")
    write_policy(chain, grants=plain.replace("team=ops", "team=dev"))
    reply = opened("alice").reply
    assert chain.sessions[reply["AWS_ACCESS_KEY_ID"]].transitive == {"team": "dev"}


def test_a_hub_session_that_aws_has_ended_is_made_anew_once(chain, opened):
    session = opened("alice").session
    hub = next(key for key, it in chain.sessions.items() if it.role == HUB_ARN)
    del chain.sessions[hub]
    assume("alice", session, "spoke", fresh="1")
    assert arns(chain)[2:] == [None, HUB_ARN, SPOKE_ARN]  # the first was not even read


def test_a_hub_that_refuses_is_named(bastion, chain, opened):
    chain.roles[HUB_ARN].trusted = "arn:aws:iam::999900001111:user/other"
    reply = opened("alice").reply
    assert reply["status"] == "misconfigured" and HUB_ARN in reply["reason"]


def test_a_tag_with_another_value_than_the_hub_passes_on_is_refused_before_aws_is_asked(
    chain, opened
):
    write_policy(chain, grants=CHAIN.replace("[role spoke]\naccount  = spokes\nname     = Spoke\ntags     = team=ops",
                                             "[role spoke]\naccount  = spokes\nname     = Spoke\ntags     = team=dev"))
    reply = opened("alice").reply
    assert reply["status"] == "misconfigured" and "tag team" in reply["reason"]
    assert not arns(chain)


def test_where_the_base_session_has_a_source_identity_the_human_goes_into_a_tag(
    bastion, sts, service, opened
):
    sts.roles[ROLE_ARN].longest = 3600
    base = next(iter(sts.principals.values()))
    base.token, base.source_identity = "base+token/==", "roles-anywhere"
    policy.place(
        policy.BASE,
        "[default]\naws_access_key_id = AKIABASTIONBASE00001\n"
        f"aws_secret_access_key = {base.secret}\naws_session_token = {base.token}\n",
    )
    write_policy(sts)
    assert opened("alice").reply["status"] == "misconfigured"
    with open(policy.FILE, encoding="utf-8") as text:
        policy.write(text.read().replace("[base]\n", "[base]\nsource_identity = fixed\n"))
    first = opened("alice").reply
    assert first["status"] == "permitted", first
    parameters = sts.calls[-1].parameters
    assert "SourceIdentity" not in parameters and parameters["RoleSessionName"] == "alice"
    assert {"Key": "xacct-human", "Value": "alice"} in parameters["Tags"]
    assert "xacct-human" in parameters["TransitiveTagKeys"]
    # The audit file tells what was sent, also of what comes from memory.
    second = opened("alice").reply
    assert second["AWS_ACCESS_KEY_ID"] == first["AWS_ACCESS_KEY_ID"]
    for reply in (first, second):
        line = line_of(bastion, reply)
        assert "source_identity" not in line and line["tags"]["xacct-human"] == "alice"
