/**
 * Teaches httpYac to read api.http: references to earlier answers as the other editors spell them, `--var host=…` in
 * place of the file's own host, and each heading as a test of the answer.
 */
const { deepEqual } = require('node:assert/strict')

const REFERENCE = /\{\{(\w+)\.response\.body\.\$\./g
/** A call whose heading says so is 404 where mail is off, whatever else the heading expects. */
const BY_MAIL = /\bwhere mail is on\b/
const WITHOUT_MAIL = { status: '404', message: 'Not found' }
const EXPECTATION = /: (?<status>\d{3})(?: (?<message>.+))?$/

module.exports = {
  configureHooks({ hooks, utils }) {
    let host
    let server
    // Runs before the file, whose own `@host` comes later and would override the one of the command line.
    hooks.provideVariables.addHook('host', (_environment, { variables }) => {
      host ??= variables?.host
      return {}
    })
    hooks.replaceVariable.addHook('translate', (text) => translate(text, host), { before: ['name'] })
    hooks.onRequest.addHook('reach', async ({ url }) => {
      server ??= requireServer(new URL(url).origin)
      await server
    })
    hooks.onResponse.addHook('heading', (response, context) =>
      checkHeading(response, context, utils.testFactory(context)),
    )
  },
}

function translate(text, host) {
  if (typeof text !== 'string') return text
  return text.replaceAll(REFERENCE, '{{$1.').replaceAll('{{host}}', host ?? '{{host}}')
}

async function requireServer(origin) {
  await fetch(origin).catch(() => {
    throw new Error(`Nothing answers at ${origin}: start the service with npm run dev`)
  })
}

function checkHeading({ statusCode, parsedBody }, { httpRegion }, test) {
  const { title } = httpRegion.metaData
  const isWithoutMail = statusCode === 404 && BY_MAIL.test(title)
  const expected = isWithoutMail ? WITHOUT_MAIL : EXPECTATION.exec(title)?.groups
  if (!expected) return
  const answer = { status: String(statusCode), message: parsedBody?.message }
  test(expected.status, () => deepEqual(answer, { ...expected }))
}
