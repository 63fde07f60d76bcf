import * as pulumi from "@pulumi/pulumi";
import { Redis } from "../../../../components/redis/redis";

const config = new pulumi.Config();
const namespace = config.require("namespace");

const redis = new Redis("redis", {
  namespace,
  image: config.require("image"),
  consumers: config
    .require("consumers")
    .split(" ")
    .map((name) => ({ name, namespace })),
  deletionProtection: config.requireBoolean("deletionProtection"),
  memoryMib: 32,
  storageClass: "",
  storageGib: 1,
});

export const host = redis.host;
