import * as grpc from "@grpc/grpc-js";
import {
  ResourceProviderClient,
  ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import * as statusProto from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { serve, type Serving } from "../../../../../lab/engine/grpc/serve";
import { fromStruct, toStruct } from "../../../../../lab/engine/grpc/struct";
import type { Properties } from "../../../../../lab/engine/grpc/wire";
import { Instances } from "../../../../../lab/engine/kubernetes-provider/instance";
import { kubernetesProvider } from "../../../../../lab/engine/kubernetes-provider/service";

/** A resource as the engine remembers it. */
export interface Remembered {
  urn: string;
  id: string;
  inputs: Properties;
  state: Properties;
}

/** What a failed initialisation carries. */
export interface InitFailure {
  id: string;
  state: Properties;
  reasons: string[];
}

export function urnOf(token: string, name = "it"): string {
  return `urn:pulumi:dev::test::${token}::${name}`;
}

/** A provider in this process. */
export class TestProvider {
  readonly instances = new Instances();
  private serving?: Serving;
  private readonly engines: TestEngine[] = [];

  async start(): Promise<void> {
    this.serving = await serve(ResourceProviderService, kubernetesProvider(this.instances));
  }

  /** Connects the way one engine does for one configured provider. */
  async engine(config: Record<string, string>): Promise<TestEngine> {
    const engine = new TestEngine(this.serving!.port);
    this.engines.push(engine);
    await engine.configure(config);
    return engine;
  }

  async stop(): Promise<void> {
    for (const engine of this.engines) engine.close();
    await this.serving?.close(0.1);
  }
}

/** The engine's part of the conversation, on a connection of its own. */
export class TestEngine {
  private readonly client: ResourceProviderClient;

  constructor(port: number) {
    this.client = new ResourceProviderClient(
      `127.0.0.1:${port}`,
      grpc.credentials.createInsecure(),
      { "grpc.use_local_subchannel_pool": 1 },
    );
  }

  call<Response>(method: keyof ResourceProviderClient, request: unknown): Promise<Response> {
    return new Promise((resolve, reject) => {
      (this.client as any)[method](request, (error: Error | null, response: Response) => {
        if (error) reject(error);
        else resolve(response);
      });
    });
  }

  async configure(config: Record<string, string>): Promise<proto.ConfigureResponse> {
    const request = new proto.ConfigureRequest();
    for (const [key, value] of Object.entries(config)) {
      request.getVariablesMap().set(`kubernetes:config:${key}`, value);
    }
    return this.call("configure", request);
  }

  async check(urn: string, news: Properties, olds?: Properties, seed = "") {
    const request = new proto.CheckRequest();
    request.setUrn(urn);
    request.setNews(toStruct(news));
    if (olds) request.setOlds(toStruct(olds));
    request.setRandomseed(Buffer.from(seed).toString("base64"));
    const response = await this.call<proto.CheckResponse>("check", request);
    const failures = response.getFailuresList().map((f) => `${f.getProperty()}: ${f.getReason()}`);
    return { inputs: fromStruct(response.getInputs()), failures };
  }

  async create(
    urn: string,
    inputs: Properties,
    options: { preview?: boolean; timeout?: number } = {},
  ) {
    const request = new proto.CreateRequest();
    request.setUrn(urn);
    request.setProperties(toStruct(inputs));
    request.setPreview(options.preview ?? false);
    request.setTimeout(options.timeout ?? 0);
    const response = await this.call<proto.CreateResponse>("create", request);
    return { urn, id: response.getId(), inputs, state: fromStruct(response.getProperties()) };
  }

  /** Check and Create, as for a new resource. */
  async make(token: string, news: Properties, options: { timeout?: number; name?: string } = {}) {
    const urn = urnOf(token, options.name);
    const { inputs, failures } = await this.check(urn, news);
    if (failures.length > 0) throw new Error(failures.join("; "));
    return this.create(urn, inputs, options);
  }

  async diff(old: Remembered, news: Properties, ignoreChanges: string[] = []) {
    const request = new proto.DiffRequest();
    request.setUrn(old.urn);
    request.setId(old.id);
    request.setOlds(toStruct(old.state));
    request.setOldInputs(toStruct(old.inputs));
    request.setNews(toStruct(news));
    request.setIgnorechangesList(ignoreChanges);
    const response = await this.call<proto.DiffResponse>("diff", request);
    const detailed: Record<string, string> = {};
    response.getDetaileddiffMap().forEach((value, key) => {
      detailed[key] = Object.keys(proto.PropertyDiff.Kind)[value.getKind()]!;
    });
    return {
      changes: response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
      detailed,
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  async update(
    old: Remembered,
    news: Properties,
    options: { preview?: boolean; timeout?: number; ignoreChanges?: string[] } = {},
  ): Promise<Remembered> {
    const request = new proto.UpdateRequest();
    request.setUrn(old.urn);
    request.setId(old.id);
    request.setOlds(toStruct(old.state));
    request.setOldInputs(toStruct(old.inputs));
    request.setNews(toStruct(news));
    request.setPreview(options.preview ?? false);
    request.setTimeout(options.timeout ?? 0);
    request.setIgnorechangesList(options.ignoreChanges ?? []);
    const response = await this.call<proto.UpdateResponse>("update", request);
    return { ...old, inputs: news, state: fromStruct(response.getProperties()) };
  }

  async read(urn: string, id: string, known?: Remembered): Promise<Remembered> {
    const request = new proto.ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    if (known) {
      request.setProperties(toStruct(known.state));
      request.setInputs(toStruct(known.inputs));
    }
    const response = await this.call<proto.ReadResponse>("read", request);
    return {
      urn,
      id: response.getId(),
      inputs: fromStruct(response.getInputs()),
      state: fromStruct(response.getProperties()),
    };
  }

  async delete(old: Remembered, timeout = 0): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(old.urn);
    request.setId(old.id);
    request.setProperties(toStruct(old.state));
    request.setOldInputs(toStruct(old.inputs));
    request.setTimeout(timeout);
    await this.call<Empty>("delete", request);
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const request = new proto.InvokeRequest();
    request.setTok(token);
    request.setArgs(toStruct(args));
    const response = await this.call<proto.InvokeResponse>("invoke", request);
    return fromStruct(response.getReturn());
  }

  async cancel(): Promise<void> {
    await this.call("cancel", new Empty());
  }

  close(): void {
    this.client.close();
  }
}

/** The failed initialisation in an error, as the engine reads it out of the trailer. */
export function initFailureOf(error: unknown): InitFailure {
  const [bytes] = (error as grpc.ServiceError).metadata.get("grpc-status-details-bin");
  const status = statusProto.Status.deserializeBinary(bytes as Buffer);
  const [detail] = status.getDetailsList();
  const failure = detail!.unpack(
    (data) => proto.ErrorResourceInitFailed.deserializeBinary(data),
    "pulumirpc.ErrorResourceInitFailed",
  )!;
  return {
    id: failure.getId(),
    state: fromStruct(failure.getProperties()),
    reasons: failure.getReasonsList(),
  };
}
