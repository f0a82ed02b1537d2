/*
 * The same as identities.py, with one client of the JavaScript SDK. NODE_PATH says where that is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");

async function main(profile) {
  const client = new STSClient(profile ? { profile } : {});
  let ended = false;
  process.stdin.on("end", () => (ended = true)).resume();
  do {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    console.log(Arn);
    await new Promise((resolve) => setTimeout(resolve, 200));
  } while (!ended);
}

main(process.argv[2]).catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
