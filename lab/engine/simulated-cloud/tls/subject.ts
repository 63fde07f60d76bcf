import { isIP } from "node:net";
import {
  type JsonAttributeObject,
  type JsonGeneralNames,
  type JsonNameParams,
  Name,
  SubjectAlternativeNameExtension,
} from "./x509";
import { isProperties, type Properties } from "../../grpc/wire";
import { optionalText, textsOf } from "../inputs";
import { type InputFault, Shape } from "../resource-kind";

// Object identifiers (RFC 5280, appendix A) in the order in which Go writes them into a name.
const ATTRIBUTES = {
  country: "2.5.4.6",
  organization: "2.5.4.10",
  organizationalUnit: "2.5.4.11",
  locality: "2.5.4.7",
  province: "2.5.4.8",
  streetAddresses: "2.5.4.9",
  postalCode: "2.5.4.17",
  commonName: "2.5.4.3",
  serialNumber: "2.5.4.5",
  emailAddress: "1.2.840.113549.1.9.1",
} as const;

/** The inputs by which a certificate or a request says whom it is for. */
export const identityInputs = {
  dnsNames: { shape: Shape.TextList },
  ipAddresses: { shape: Shape.TextList },
  subject: { shape: Shape.Record },
  uris: { shape: Shape.TextList },
} as const;

/** Faults of these inputs, each with its property. */
export function identityFaults(known: Properties): InputFault[] {
  const faults: InputFault[] = [];
  const subject = isProperties(known.subject) ? known.subject : {};
  for (const [name, value] of Object.entries(subject)) {
    const property = `subject.${name}`;
    const allowed = Object.keys(ATTRIBUTES).join(", ");
    if (!(name in ATTRIBUTES)) faults.push({ property, reason: `unknown, allowed ${allowed}` });
    else if (name === "streetAddresses" ? !Array.isArray(value) : typeof value !== "string") {
      const shape = name === "streetAddresses" ? Shape.TextList : Shape.Text;
      faults.push({ property, reason: `must be ${shape}, got ${JSON.stringify(value)}` });
    }
  }
  textsOf(known, "ipAddresses").forEach((address, at) => {
    if (isIP(address) !== 0) return;
    const reason = `not an IP address, got ${JSON.stringify(address)}`;
    faults.push({ property: `ipAddresses[${at}]`, reason });
  });
  textsOf(known, "uris").forEach((uri, at) => {
    if (URL.canParse(uri)) return;
    faults.push({ property: `uris[${at}]`, reason: `not a URI, got ${JSON.stringify(uri)}` });
  });
  return faults;
}

/** The distinguished name in the input `subject`. */
export function subjectName(inputs: Properties): Name {
  const subject = isProperties(inputs.subject) ? inputs.subject : {};
  const name: JsonNameParams = Object.entries(ATTRIBUTES).flatMap(([attribute, identifier]) => {
    const values =
      attribute === "streetAddresses"
        ? textsOf(subject, attribute)
        : [optionalText(subject, attribute) ?? ""].filter((value) => value !== "");
    return values.map((value) => ({ [identifier]: [encoded(attribute, value)] }));
  });
  return new Name(name);
}

// X.520 prescribes the string type of these; the rest are UTF-8.
function encoded(attribute: string, value: string): JsonAttributeObject {
  if (attribute === "emailAddress") return { ia5String: value };
  const isPrintable = attribute === "country" || attribute === "serialNumber";
  return isPrintable ? { printableString: value } : { utf8String: value };
}

/** The extension with the names, addresses and URIs; none when there are none. */
export function alternativeNames(inputs: Properties): SubjectAlternativeNameExtension[] {
  const all = (type: "dns" | "ip" | "url", property: string) =>
    textsOf(inputs, property).map((value) => ({ type, value }));
  const names: JsonGeneralNames = [
    ...all("dns", "dnsNames"),
    ...all("ip", "ipAddresses"),
    ...all("url", "uris"),
  ];
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)];
}
