import protobuf from 'protobufjs';

/**
 * The part of W&B's records that an offline run needs, with the field numbers of `wandb_internal.proto`
 * (https://github.com/wandb/wandb, MIT).
 */
const messages = protobuf.parse(
  `
  syntax = "proto3";
  package wandb;

  message Record {
    int64 num = 1;
    oneof record_type {
      History history = 2;
      Summary summary = 3;
      Run run = 17;
      Exit exit = 18;
      Header header = 21;
    }
  }
  message Header {
    VersionInfo version_info = 1;
  }
  message VersionInfo {
    string producer = 1;
    string min_consumer = 2;
  }
  message Run {
    string run_id = 1;
    string project = 3;
    Config config = 4;
    string display_name = 8;
    repeated string tags = 10;
    Timestamp start_time = 17;
  }
  message Timestamp {
    int64 seconds = 1;
    int32 nanos = 2;
  }
  message Config {
    repeated Item update = 1;
  }
  message Item {
    string key = 1;
    repeated string nested_key = 2;
    string value_json = 16;
  }
  message History {
    repeated Item item = 1;
    Step step = 2;
  }
  message Step {
    int64 num = 1;
  }
  message Summary {
    repeated Item update = 1;
  }
  message Exit {
    int32 exit_code = 1;
    int32 runtime = 2;
  }
  `,
  { keepCase: true },
).root;

const recordType = messages.lookupType('wandb.Record');

/** Records in order, numbered from 1. */
export function encodeRunRecords(records: readonly Readonly<Record<string, unknown>>[]): Uint8Array[] {
  return records.map((record, index) =>
    recordType.encode(recordType.fromObject({ num: index + 1, ...record })).finish(),
  );
}
