import { CLOUD_NATIVE_PG, type Release } from "../../support/definitions";

/** What a Postgres with backups and certificates is made of: CloudNativePG's, its plugin's and cert-manager's. */
export const RELEASES: readonly Release[] = [
  CLOUD_NATIVE_PG,
  {
    module: "github.com/cloudnative-pg/plugin-barman-cloud@v0.13.0",
    sum: "h1:dcEVsozSmdx5p2LbG1hbkWBvr6LXs1xpCsQiJWpo/ew=",
    files: ["config/crd/bases/barmancloud.cnpg.io_objectstores.yaml"],
    names: ["objectstores.barmancloud.cnpg.io"],
  },
  {
    module: "github.com/cert-manager/cert-manager@v1.19.1",
    sum: "h1:Txh8L/nLWTDcb7ZnXuXbTe15BxQnLbLirXmbNk0fGgY=",
    files: ["deploy/crds/cert-manager.io_certificates.yaml"],
    names: ["certificates.cert-manager.io"],
  },
];
