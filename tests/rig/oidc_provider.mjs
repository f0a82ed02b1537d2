/*
 * A real OpenID Connect provider on loopback, whose one client gets tokens as JWT for whatever
 * audience it asks for: node oidc_provider.mjs PORT KEY.pem CERTIFICATE.pem
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, keyFile, certificateFile] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const key = createPrivateKey(readFileSync(keyFile)).export({ format: "jwk" });
const certificate = new X509Certificate(readFileSync(certificateFile));

/* A resource is urn:AUDIENCE or urn:AUDIENCE:SECONDS, the life of its tokens. */
async function getResourceServerInfo(_context, resource) {
  const [, audience, seconds] = resource.split(":");
  return {
    scope: "",
    audience,
    accessTokenTTL: Number(seconds ?? 3600),
    accessTokenFormat: "jwt",
    jwt: { sign: { alg: "RS256" } },
  };
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "bastion",
      client_secret: "secret-of-the-client",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: { enabled: true, getResourceServerInfo },
  },
  jwks: {
    keys: [
      { ...key, kid: "k", use: "sig", alg: "RS256", x5c: [certificate.raw.toString("base64")] },
    ],
  },
});

provider.listen(Number(port), "127.0.0.1");
