/** Writes an operation of the document. It adds the answers that all calls of a kind share to those of its own. */
import type { ZodMiniObject, ZodMiniType } from 'zod/mini'
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi'
import type { LimitName } from '../../src/config.ts'
import { ApiError, type RefusalCode, type RefusalStatus, toFieldErrors } from '../../src/errors.ts'
import { errorResponse } from '../../src/schemas/responses.ts'

/** An operation, without what all calls of its kind share. */
export interface Operation {
  id: string
  tag: string
  summary: string
  description?: string
  /** The access token that it takes: `reader` as `USERS_ACCESS` says, `owner` always that of the user in the path. */
  access?: 'reader' | 'owner'
  path?: ZodMiniObject
  query?: ZodMiniObject
  request?: { schema: ZodMiniObject; example: object }
  response: {
    status: 200 | 201 | 202
    description: string
    schema: ZodMiniType
    example: object
    headers?: string[]
    /** Another type of the same body, for those who ask for it. */
    alsoType?: string
  }
  /** Refusals of its own. */
  refusals?: RefusalCode[]
  /** The limits that count it, in their order. */
  limits?: LimitName[]
  /** How many statements a call that succeeds sends to the store. */
  statements: number
  /** The cases in which a call sends more statements, in words. */
  moreStatements?: string
  /** Whether it answers even if the settings are wrong. */
  unconditional?: boolean
  /** Whether its path is unknown where mail is off. */
  needsMail?: boolean
}

const SECURITY = { reader: [{}, { accessToken: [] }], owner: [{ accessToken: [] }], anyone: [] }

const OWNERS_TOKEN = 'Takes the access token of the user in the path.'
const NEEDS_MAIL = '404 where mail is off.'

const RETRY_AFTER = ['Retry-After']

const REFUSAL_HEADERS: Partial<Record<RefusalStatus, string[]>> = { 405: ['Allow'], 429: RETRY_AFTER, 503: RETRY_AFTER }

/** Writes an operation as OpenAPI has it. */
export function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, description, access = 'anyone', path, query, request } = operation
  const { status, ...success } = operation.response
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description: describeWhole(operation) }),
    security: SECURITY[access],
    ...((path || query) && { requestParams: { ...(path && { path }), ...(query && { query }) } }),
    ...(request && { requestBody: { required: true, content: { 'application/json': request } } }),
    responses: { [status]: describeResponse(success), ...describeRefusals(operation) },
  }
}

function describeWhole({ description, access, needsMail }: Operation): string {
  return [description, access === 'owner' && OWNERS_TOKEN, needsMail && NEEDS_MAIL].filter(Boolean).join(' ')
}

function describeRefusals(operation: Operation): Record<string, ZodOpenApiResponseObject> {
  const byStatus = Map.groupBy(listRefusals(operation), (code) => new ApiError(code).status)
  const headers = operation.access ? { ...REFUSAL_HEADERS, 401: ['WWW-Authenticate'] } : REFUSAL_HEADERS
  return Object.fromEntries(
    Array.from(byStatus, ([status, codes]) => [
      status,
      describeResponse({
        description: codes.map((code) => new ApiError(code).message).join(', or '),
        schema: errorResponse,
        examples: Object.fromEntries(codes.map((code) => [code, { value: showRefusal(code, operation) }])),
        headers: headers[status] ?? [],
      }),
    ]),
  )
}

/**
 * Lists every refusal of an operation in the order in which they are made. Of the two 400s the likelier comes first,
 * because a mock server answers with the first example.
 */
export function listRefusals({
  access,
  query,
  request,
  refusals = [],
  limits = [],
  statements,
  unconditional,
  needsMail,
}: Operation): RefusalCode[] {
  const byAddress = limits.some((name) => !name.includes('ACCOUNT'))
  return [
    ...(needsMail ? (['not_found'] as const) : []),
    'method_not_allowed',
    ...(byAddress ? (['too_many_requests'] as const) : []),
    ...(request ? (['unsupported_media_type', 'body_too_large'] as const) : []),
    ...(request || query ? (['validation_failed'] as const) : []),
    ...(request ? (['invalid_json'] as const) : []),
    ...(access ? (['invalid_token', 'forbidden'] as const) : []),
    ...(limits.length > 0 && !byAddress ? (['too_many_requests'] as const) : []),
    ...refusals,
    ...(unconditional ? [] : (['internal_error'] as const)),
    ...(statements > 0 ? (['unavailable'] as const) : []),
  ]
}

/** Returns the body of a refusal. The example of `Validation failed` is the answer to an empty body. */
function showRefusal(code: RefusalCode, { request, query }: Operation): object {
  const { message, status } = new ApiError(code)
  if (code !== 'validation_failed') return { message, status }
  const { error } = request ? request.schema.safeParse({}) : (query?.safeParse({ limit: '0' }) ?? {})
  return { message, status, errors: toFieldErrors(error?.issues ?? []) }
}

function describeResponse(response: {
  description: string
  schema: ZodMiniType
  example?: object
  examples?: Record<string, { value: object }>
  headers?: string[]
  alsoType?: string
}): ZodOpenApiResponseObject {
  const { description, headers = [], alsoType, ...content } = response
  const refer = (name: string) => [name, { $ref: `#/components/headers/${name}` }]
  return {
    description,
    headers: Object.fromEntries(['X-Request-Id', ...headers].map(refer)),
    content: { 'application/json': content, ...(alsoType && { [alsoType]: content }) },
  }
}
