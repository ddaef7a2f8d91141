// A real authorization server for the tests: oidc-provider behind mutual TLS.
//
// usage: node server.mjs CONFIG.json     (run beside node_modules/oidc-provider)
//
// CONFIG: {port, certificate, key, clientCa, audience, clients: [{client_id, subject_dn,
//          claims: {sub, employer_ori, ...}}]}
// Clients authenticate with their certificate (RFC 8705 section 2.1) and get RFC 9068
// tokens bound to it. Prints one line, `ready ISSUER`, when it listens.

import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

const config = JSON.parse(readFileSync(process.argv[2], "utf8"));
const issuer = `https://localhost:${config.port}`;
const claimsOf = new Map(config.clients.map((c) => [c.client_id, c.claims ?? {}]));

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: "as-1" };

const socketOf = (ctx) => ctx.req.socket;

const provider = new Provider(issuer, {
  jwks: { keys: [jwk] },
  clientDefaults: { id_token_signed_response_alg: "ES256" },
  enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
  clientAuthMethods: ["tls_client_auth"],
  clients: config.clients.map((c) => ({
    client_id: c.client_id,
    token_endpoint_auth_method: "tls_client_auth",
    tls_client_auth_subject_dn: c.subject_dn,
    tls_client_certificate_bound_access_tokens: true,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  })),
  ttl: { ClientCredentials: 600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: (ctx) => socketOf(ctx).getPeerX509Certificate(),
      certificateAuthorized: (ctx) => socketOf(ctx).authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === "tls_client_auth_subject_dn" &&
        socketOf(ctx).getPeerX509Certificate().subject === expected,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => config.audience,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: "",
        audience: config.audience,
        accessTokenTTL: 600,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
  formats: {
    customizers: {
      jwt(_ctx, token, parts) {
        Object.assign(parts.payload, claimsOf.get(token.clientId));
      },
    },
  },
});

const server = createServer(
  {
    cert: readFileSync(config.certificate),
    key: readFileSync(config.key),
    ca: readFileSync(config.clientCa),
    // The gateway reads the keys without a certificate; the token endpoint asks for one.
    requestCert: true,
    rejectUnauthorized: false,
  },
  provider.callback(),
);
server.listen(config.port, "127.0.0.1", () => console.log(`ready ${issuer}`));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
