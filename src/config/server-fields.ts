import { z } from 'zod';
import { lenientBoolean } from '../jobs/lenient';
import { port, printable } from './config-field';
import type { ConfigField } from './config-field';

/** Settings of the servers that everfetch uses: PostgreSQL, Temporal and the bucket for pages. */
export const serverFields = {
  DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }),
    allowed:
      'an address such as postgres://user:password@host:5432/database, with special characters of the password percent-encoded',
    isSecret: true,
    group: 'PostgreSQL and Temporal',
    description: 'PostgreSQL 15 or later. Unset: an embedded PostgreSQL is started.',
  },
  EMBEDDED_POSTGRES_PORT: {
    schema: port,
    allowed: 'a number from 1 to 65535',
    default: '54329',
    group: 'PostgreSQL and Temporal',
    description: 'Port of the embedded PostgreSQL (loopback only).',
  },
  TEMPORAL_ADDRESS: {
    schema: z
      .string()
      .regex(/^[^/\s@]+:\d{1,5}$/)
      .refine((text) => port.safeParse(text.replace(/^.*:/, '')).success),
    allowed: 'host:port, such as temporal.example:7233',
    group: 'PostgreSQL and Temporal',
    description: 'Temporal frontend as `host:port`. Unset: an embedded Temporal dev server is started.',
  },
  TEMPORAL_NAMESPACE: {
    schema: z.string().min(1).max(255),
    allowed: 'a name of 1 to 255 characters',
    default: 'default',
    group: 'PostgreSQL and Temporal',
    description: 'Temporal namespace of all workflows.',
  },
  EMBEDDED_TEMPORAL_PORT: {
    schema: port,
    allowed: 'a number from 1 to 65535',
    default: '7233',
    group: 'PostgreSQL and Temporal',
    description: 'Port of the embedded Temporal server (loopback only).',
  },
  TEMPORAL_UI_PORT: {
    schema: port,
    allowed: 'a number from 1 to 65535',
    default: '8233',
    group: 'PostgreSQL and Temporal',
    description: 'Port of the embedded Temporal Web UI (loopback only).',
  },
  TEMPORAL_UI_URL: {
    schema: z.url({ protocol: /^https?$/ }).refine((text) => !/^[^?#]*@|[?#]/.test(text)),
    allowed: 'an address that begins with http:// or https://, without credentials and parameters',
    group: 'PostgreSQL and Temporal',
    description:
      "Address of Temporal's Web UI, as people's browsers reach it: the dashboard links to its pages. Unset: that of the embedded one, and no links with `TEMPORAL_ADDRESS`.",
  },
  S3_BUCKET: {
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/),
    allowed: 'the name of a bucket',
    group: 'Pages in a bucket',
    description:
      'S3-compatible bucket for the pages, shared by all workers and APIs. It has to exist, better without versioning; its objects have to be readable, writable, deletable and listable. Unset: files below `DATA_DIR`.',
  },
  S3_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).refine((text) => !/^[^?#]*@|[?#]/.test(text)),
    allowed: 'an address that begins with http:// or https://, without credentials and parameters',
    group: 'Pages in a bucket',
    description: 'Address of the S3 server, such as `https://s3.example.com`. Unset: AWS.',
  },
  S3_REGION: {
    schema: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    allowed: 'the name of a region, such as eu-central-1',
    default: 'us-east-1',
    group: 'Pages in a bucket',
    description: 'Region of the bucket. Other servers than AWS often take any name.',
  },
  S3_PREFIX: {
    schema: z
      .string()
      .max(512)
      .transform((text) => text.replace(/^\/+|\/+$/g, ''))
      .refine(
        (text) => text === '' || /^(?!\.{1,2}(?:\/|$))[\w.!'()=-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.!'()=-]+)*$/.test(text),
      ),
    allowed: "names of letters, digits and ._-!=()' with single slashes in between",
    group: 'Pages in a bucket',
    description: 'Comes before every key, for a bucket that holds other things too. Unset: nothing.',
  },
  S3_ACCESS_KEY_ID: {
    schema: printable,
    allowed: '1 to 255 printable ASCII characters without spaces',
    isSecret: true,
    group: 'Pages in a bucket',
    description:
      'Access key, together with `S3_SECRET_ACCESS_KEY`. Unset: where the AWS SDK looks (environment, profile, role of the machine).',
  },
  S3_SECRET_ACCESS_KEY: {
    schema: printable,
    allowed: '1 to 255 printable ASCII characters without spaces',
    isSecret: true,
    group: 'Pages in a bucket',
    description: 'Secret of `S3_ACCESS_KEY_ID`.',
  },
  S3_FORCE_PATH_STYLE: {
    schema: lenientBoolean,
    allowed: 'true or false',
    group: 'Pages in a bucket',
    description: '`host/bucket/key` instead of `bucket.host/key`. Unset: true when `S3_ENDPOINT` is set.',
  },
} as const satisfies Record<string, ConfigField>;
