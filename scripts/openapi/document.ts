/** The OpenAPI document, from the schemas that validate the requests and the table of refusals. */
import { createDocument, type ZodOpenApiPathItemObject } from 'zod-openapi'
import { describeOperation } from './operation.ts'
import { operations, tags } from './operations.ts'
import { describeSchemas } from './schemas.ts'

const description = `Registers people, checks their passwords, and issues, refreshes and verifies the tokens that the other services of the shop trust.

Every path answers with and without a trailing slash, \`HEAD\` as \`GET\`, and \`OPTIONS\` with the methods in \`Allow\`. Every refusal is \`{"message", "status"}\` with the HTTP status that it names. Refusals are made in this order: 404, 405, 429 by address, 415, 413, 400, 401, 403, 429 by account.`

/** Makes the document; the same schemas give the same one. */
export function makeDocument(version: string): object {
  describeSchemas()
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        ...{ title: 'ACME user service', version, description },
        license: { name: 'MIT', identifier: 'MIT' },
      },
      // Relative to the document, because a gateway may put a path before the service.
      servers: [{ url: '.', description: 'The server that this document comes from' }],
      tags: [
        { name: tags.published, description: 'The calls of the original service, as it published them.' },
        { name: tags.account, description: 'Calls of people about their own account and sessions.' },
        {
          name: tags.mail,
          description: 'Calls of people who read their mail: a new password, and an email address that is verified.',
        },
        { name: tags.operation, description: 'For other services, and for whoever runs this one.' },
      ],
      paths: Object.fromEntries(Object.entries(operations).map(([path, methods]) => [path, describePath(methods)])),
      components: { securitySchemes, headers },
    },
    {
      outputIdSuffix: '',
      // A response may gain members; a client must not refuse them.
      override: ({ jsonSchema, io }) => {
        if (io === 'output') delete jsonSchema.additionalProperties
      },
    },
  )
}

const securitySchemes = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      "The `access_token` that a login or a refresh answers with. The calls that look users up ask for one where `USERS_ACCESS` is not `public`; the owner's calls always do.",
  },
} as const

const headers = {
  'X-Request-Id': {
    description: "Names the request in the log: the caller's own, or a new one.",
    required: true,
    schema: { type: 'string', maxLength: 64 },
  },
  Allow: { description: 'The methods of the path.', required: true, schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait.', required: true, schema: { type: 'integer' } },
  'WWW-Authenticate': { description: 'RFC 6750, section 3.', required: true, schema: { type: 'string' } },
  'Cache-Control': { description: 'How long the keys may be kept.', required: true, schema: { type: 'string' } },
} as const

function describePath(methods: (typeof operations)[string]): ZodOpenApiPathItemObject {
  return Object.fromEntries(
    Object.entries(methods).map(([method, operation]) => [method, describeOperation(operation)]),
  )
}
