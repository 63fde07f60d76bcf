import type { ManagedPostgresArgs } from "../../data-store/managed/args";
import type { AzureStorePlace } from "../../data-store/managed/azure-args";

/** Arguments of {@link AzurePostgres}. */
export interface AzurePostgresArgs extends ManagedPostgresArgs, AzureStorePlace {
  /** Server parameters of Postgres beside those that are set here. TLS stays forced. Defaults to none. */
  parameters?: Record<string, string>;
  /** Compute size: D for general purpose, E for more memory, B for development. Defaults to "Standard_D2ds_v5". */
  size?: string;
  /**
   * Size of the storage in GiB at first, a size of Azure's Premium SSD: 32, 64, 128 and so on. Azure doubles it when it
   * fills up; there is no limit to set, and it never shrinks. A later change of this argument does nothing. Defaults to 128.
   */
  storageGib?: number;
}
