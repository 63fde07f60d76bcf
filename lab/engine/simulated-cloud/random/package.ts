import type { SimulatedPackage } from "../resource-kind";
import { randomBytesKind, randomId } from "./bytes";
import { randomPassword, randomString } from "./characters";
import { randomInteger, randomShuffle } from "./numbers";
import { randomPet } from "./pet";
import { randomUuid, randomUuid4, randomUuid7 } from "./uuid";

/** The `random` package (pulumi/pulumi-random 4.x): values from the system's random number generator. */
export const random: SimulatedPackage = {
  resources: {
    "random:index/randomBytes:RandomBytes": randomBytesKind,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomInteger:RandomInteger": randomInteger,
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomPet:RandomPet": randomPet,
    "random:index/randomShuffle:RandomShuffle": randomShuffle,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomUuid:RandomUuid": randomUuid,
    "random:index/randomUuid4:RandomUuid4": randomUuid4,
    "random:index/randomUuid7:RandomUuid7": randomUuid7,
  },
  functions: {},
};
