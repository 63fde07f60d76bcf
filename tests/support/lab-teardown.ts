export { tearDown as default } from "./lab-setup";
