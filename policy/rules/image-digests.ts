import { at, type Rule } from "../resource";
import { containersOf, podOf } from "./pods";

/** Every image is pinned by digest. */
export const imageDigests: Rule = {
  name: "images-by-digest",
  description: "a tag can be moved to other content, a digest cannot: name@sha256:...",
  check: ({ type, props }) =>
    containersOf(podOf(type, props))
      .map(({ path, container }) => ({ path, image: at(container, "image") }))
      // An image that is not known yet cannot be judged in a preview; it is in the update.
      .filter(({ image }) => typeof image === "string" && !/@sha256:[0-9a-f]{64}$/.test(image))
      .map(({ path, image }) => `${path} has image ${String(image)}, which no digest pins`),
};
