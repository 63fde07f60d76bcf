import type { SimulatedPackage } from "../resource-kind";
import { certRequest } from "./cert-request";
import { locallySignedCert } from "./locally-signed-cert";
import { getPublicKey } from "./get-public-key";
import { privateKey } from "./private-key";
import { selfSignedCert } from "./self-signed-cert";

/** The `tls` package (pulumi/pulumi-tls 5.x): real keys and certificates. `getCertificate` is not simulated. */
export const tls: SimulatedPackage = {
  resources: {
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  },
  functions: { "tls:index/getPublicKey:getPublicKey": getPublicKey },
};
