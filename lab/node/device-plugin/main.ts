/**
 * The lab's own device plugin, beside the kubelet of one real node. A cluster runs a maintained one.
 * Arguments: id of the node's first process, resource, number of slots, device.
 */
import * as fs from "node:fs";
import { nodePaths } from "../configuration";
import { fileOn } from "../machine";
import { servePlugin } from "./plugin";

const [init = "", resource = "", slots = "", device = ""] = process.argv.slice(2);
const folder = fileOn(Number(init), nodePaths.devicePlugins);
const isThere = (): boolean =>
  fs.statSync(fileOn(Number(init), device), { throwIfNoEntry: false })?.isCharacterDevice() ??
  false;
if (!isThere()) process.stderr.write(`this machine has no ${device}: nothing is handed over\n`);

let isAnnounced = false;
servePlugin(folder, { resource, slots: Number(slots), device, isThere }, (text) => {
  process.stderr.write(`${text}\n`);
  if (isAnnounced || !text.startsWith("registered")) return;
  isAnnounced = true;
  // Whoever starts a daemon of the lab waits for a port; this one has none.
  process.stdout.write("0\n");
});
