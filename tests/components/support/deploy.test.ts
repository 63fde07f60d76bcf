import * as pulumi from "@pulumi/pulumi";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import { UNKNOWN, deploy, find, isSecret, redact, reveal, tree } from "../../support/deploy";

class Box extends pulumi.ComponentResource {
  public readonly uid: pulumi.Output<string>;
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Box", name, {}, opts);
    const map = new corev1.ConfigMap(
      `${name}-map`,
      { metadata: { name: "m" }, data: { a: pulumi.secret("s") } },
      { parent: this, protect: true },
    );
    new corev1.Secret(
      `${name}-secret`,
      { metadata: { name: "s" } },
      { parent: this, dependsOn: map },
    );
    this.uid = map.metadata.uid;
    this.registerOutputs({ uid: this.uid });
  }
}

describe("the request recorder", () => {
  it("records the tree, options, dependencies and outputs of a component", async () => {
    const done = await deploy(() => void new Box("box"), {
      outputsOf: () => ({ metadata: { name: "m", uid: "u-1" } }),
    });
    expect(tree(done)).toEqual([
      "kubernetes:core/v1:ConfigMap box-map < box",
      "kubernetes:core/v1:Secret box-secret < box",
      "test:index:Box box < stack",
    ]);
    expect(find(done, "kubernetes:core/v1:ConfigMap", "box-map").protect).toBe(true);
    expect(find(done, "kubernetes:core/v1:Secret", "box-secret").dependsOn).toEqual(["box-map"]);
    expect(reveal(done.outputs.get("box"))).toEqual({ uid: "u-1" });
  });

  it("keeps secrets wrapped and unknowns marked", async () => {
    const done = await deploy(() => void new Box("box"), { preview: true });
    const { inputs } = find(done, "kubernetes:core/v1:ConfigMap", "box-map");
    expect(isSecret(inputs.data.a)).toBe(true);
    expect(redact(inputs)).toMatchObject({ data: { a: "[secret]" } });
    expect(done.outputs.get("box")).toEqual({ uid: UNKNOWN });
  });

  it("refuses two resources of one type and name", async () => {
    await expect(deploy(() => [new Box("box"), new Box("box")])).rejects.toThrow(
      "two resources are called",
    );
  });

  it("names what there is when it cannot find a resource", async () => {
    const done = await deploy(() => void new Box("box"));
    expect(() => find(done, "x:y:Z", "box")).toThrow("test:index:Box box < stack");
  });
});
