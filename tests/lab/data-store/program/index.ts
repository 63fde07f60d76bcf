import * as pulumi from "@pulumi/pulumi";
import {
  type DataStoreClass,
  type DataStoreMode,
  fixMode,
} from "../../../../components/data-store/mode";

// Only what carries the mode: the stores' other resources would need a cloud of each kind.
class Store extends pulumi.ComponentResource {
  constructor(
    name: string,
    component: DataStoreClass,
    mode: DataStoreMode,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super(`kvm-fabric:index:${component}`, name, {}, opts);
    fixMode(this, name, component, mode);
    this.registerOutputs();
  }
}

const config = new pulumi.Config();
const fabric = new pulumi.ComponentResource("example:index:Fabric", "fabric");
for (const name of config.requireObject<string[]>("stores")) {
  const component = config.require<DataStoreClass>("component");
  new Store(name, component, config.require<DataStoreMode>("mode"), { parent: fabric });
}
