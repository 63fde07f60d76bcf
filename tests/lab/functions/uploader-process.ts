/** One run of the uploader as a process of its own, which tests kill. Prints what became of it, and the most memory that it had. */
import { reportLine, uploadOnce, type RunSettings } from "../../../functions/trace-uploader/core";
import { connect } from "../../../functions/trace-uploader/ninep";
import { s3Store } from "../../../functions/trace-uploader/stores/s3";
import { s3Client } from "../../../functions/trace-uploader/stores/s3-client";
import { peakMemoryMib } from "./peak-memory";

/** What the process is told, as JSON in its only argument. */
export interface ProcessOptions {
  ninep: { port: number; aname: string };
  s3: { port: number; bucket: string; accessKeyId: string; secretAccessKey: string };
  settings: Omit<RunSettings, "runSeconds">;
}

async function main({ ninep, s3, settings }: ProcessOptions): Promise<void> {
  const place = { endpoint: `http://127.0.0.1:${s3.port}`, region: "us-east-1", pathStyle: true };
  const client = s3Client(place, { credentials: s3 });
  const store = s3Store({ client, bucket: s3.bucket, verify: "checksum" });
  const server = await connect({ host: "127.0.0.1", ...ninep, uname: "root", userId: 0 });
  const report = await uploadOnce({ server, store, settings: { ...settings, runSeconds: 3600 } });
  server.close();
  const mostMemoryMib = Math.round(peakMemoryMib());
  process.stdout.write(`${reportLine(report)}\n${JSON.stringify({ mostMemoryMib })}\n`);
}

void main(JSON.parse(process.argv[2] ?? "{}") as ProcessOptions);
