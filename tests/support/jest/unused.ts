/**
 * Stands for what Pulumi's SDK loads only to send functions of a program to the cloud: TypeScript's compiler and npm's
 * package tree, 10 MB that every file of tests would load anew. Whatever uses them fails, and says why.
 */
module.exports = new Proxy<Record<string | symbol, unknown>>(
  { __esModule: true },
  {
    get(module, name) {
      if (name in module) return module[name];
      throw new Error(`${String(name)}: tests of this project have neither typescript nor npm`);
    },
  },
);
