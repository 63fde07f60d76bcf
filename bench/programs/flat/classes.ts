/* oxlint-disable typescript/no-require-imports -- which modules are loaded is known at run time alone */

type ResourceClass = new (name: string, inputs: any, options: any) => unknown;

/** The class of the SDK that registers a type, out of the module that the components take it from. */
export function classOf(type: string): ResourceClass {
  const [sdk = "", module = "", name = ""] = type.split(":");
  // What needs no provider is of Pulumi's own SDK.
  if (sdk === "pulumi" && module === "index") return require("@pulumi/pulumi")[name];
  if (sdk === "pulumi") return require(`@pulumi/${name}/provider`).Provider;
  if (sdk === "kubernetes") return kubernetesClass(module, name);
  const [folder = ""] = module.split("/");
  return require(folder === "index" ? `@pulumi/${sdk}` : `@pulumi/${sdk}/${folder}`)[name];
}

function kubernetesClass(module: string, name: string): ResourceClass {
  const [group = "", version = ""] = module.split("/");
  if (group === "helm.sh") return require("@pulumi/kubernetes/helm/v3/release")[name];
  if (group.startsWith("karpenter.")) {
    return require("@pulumi/kubernetes/apiextensions/customResource").CustomResource;
  }
  const folder = group.replace(/(\.authorization)?\.k8s\.io$/, "");
  return require(`@pulumi/kubernetes/${folder}/${version}`)[name];
}
