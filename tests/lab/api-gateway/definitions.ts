import { type Release, TRAEFIK } from "../../support/definitions";

const ENVOY = "charts/gateway-crds-helm/templates/generated/gateway.envoyproxy.io_";
const GATEWAY_API = "config/crd/standard/gateway.networking.k8s.io_";

/** What controllers of the gateway's edge bring: four kinds, of three projects. */
export const RELEASES: readonly Release[] = [
  {
    module: "sigs.k8s.io/gateway-api@v1.4.0",
    sum: "h1:ZwlNM6zOHq0h3WUX2gfByPs2yAEsy/EenYJB78jpQfQ=",
    files: [`${GATEWAY_API}gateways.yaml`, `${GATEWAY_API}httproutes.yaml`],
    names: ["gateways.gateway.networking.k8s.io", "httproutes.gateway.networking.k8s.io"],
  },
  TRAEFIK,
  {
    module: "github.com/envoyproxy/gateway@v1.5.0",
    sum: "h1:wfHytSeNoinwu0vCtWT61XK23qJuRmJyU+CPWdIJp2I=",
    files: [`${ENVOY}backendtrafficpolicies.yaml`],
    names: ["backendtrafficpolicies.gateway.envoyproxy.io"],
  },
];
