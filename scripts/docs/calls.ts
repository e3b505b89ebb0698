/** The tables of calls and limits: from the operations of the OpenAPI document, and the numbers in wrangler.toml. */
import { unstable_readConfig } from 'wrangler'
import * as z from 'zod/mini'
import { LIMIT_NAMES, type LimitName } from '../../src/config.ts'
import { REFUSALS, type RefusalCode } from '../../src/errors.ts'
import { listRefusals, type Operation } from '../openapi/operation.ts'
import { operations } from '../openapi/operations.ts'
import { code, writeTable } from './markdown.ts'

const BEARERS = { reader: 'as `USERS_ACCESS` says', owner: 'the owner', anyone: 'anybody' }

/** Refusals of all calls of a kind. The page describes them once, so the table leaves them out. */
const GENERAL: readonly RefusalCode[] = [
  'method_not_allowed',
  'unsupported_media_type',
  'body_too_large',
  'too_many_requests',
  'internal_error',
  'unavailable',
]

const counted: Record<LimitName, string> = {
  LOGIN_BY_ADDRESS: 'address',
  LOGIN_BY_ACCOUNT_AND_ADDRESS: 'account and address',
  LOGIN_BY_ACCOUNT: 'account, from all addresses',
  REGISTER_BY_ADDRESS: 'address',
  REFRESH_BY_ADDRESS: 'address',
  OWNER_BY_ACCOUNT: 'account; only calls with a password in them count',
  MAIL_BY_ADDRESS: 'address',
  MAIL_BY_ACCOUNT: 'email address that a message would go to, whether anybody has it or not',
}

/** A call as documents name it. */
interface Call {
  name: string
  operation: Operation
}

/** Writes the table of calls. */
export function writeCalls(): string {
  const rows = listCalls().map(({ name, operation }) => [
    code(name),
    BEARERS[operation.access ?? 'anyone'],
    describeInput(operation),
    String(operation.response.status),
    describeRefusals(operation),
    [operation.statements, operation.moreStatements].filter((part) => part !== undefined).join('. '),
    (operation.limits ?? []).map((limit) => code(limit)).join(', '),
  ])
  return writeTable(['call', 'who', 'takes', 'success', 'refusals of its own', 'statements', 'limits'], rows)
}

/** Writes the table of limits, with the numbers of every environment in wrangler.toml. */
export function writeLimits(): string {
  const environments = listEnvironments()
  const rows = LIMIT_NAMES.map((name) => [
    code(name),
    listCalls()
      .filter(({ operation }) => operation.limits?.includes(name))
      .map((call) => code(call.name))
      .join(', '),
    counted[name],
    ...environments.map(({ limits }) => limits.get(name) ?? 'none'),
  ])
  return writeTable(['limit', 'calls', 'counted by', ...environments.map(({ title }) => title)], rows)
}

function listCalls(): Call[] {
  return Object.entries(operations).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path.replace('{id}', ':id')}`,
      operation,
    })),
  )
}

function describeInput({ query, request }: Operation): string {
  const shape = (request?.schema ?? query)?.shape ?? {}
  return Object.entries(shape)
    .map(([name, field]) => code(field._zod.optin === 'optional' ? `${name}?` : name))
    .join(', ')
}

function describeRefusals(operation: Operation): string {
  const codes = listRefusals(operation).filter((name) => !GENERAL.includes(name))
  return [...new Set(codes.map((name) => REFUSALS[name][0]))].sort().join(', ')
}

function listEnvironments() {
  const { definedEnvironments = [] } = unstable_readConfig({ config: 'wrangler.toml', env: '' })
  return ['', ...definedEnvironments].map((env) => {
    const { ratelimits } = unstable_readConfig({ config: 'wrangler.toml', env }, { hideWarnings: true })
    const limits = limitBindings
      .parse(ratelimits)
      .map(({ name, simple }) => [name, `${simple.limit} in ${simple.period} s`] as const)
    return { title: env === '' ? 'top level' : code(`env.${env}`), limits: new Map(limits) }
  })
}

/** Checks the limits, because Wrangler's types leave their form open. */
const limitBindings = z.array(
  z.object({ name: z.enum(LIMIT_NAMES), simple: z.object({ limit: z.number(), period: z.number() }) }),
)
