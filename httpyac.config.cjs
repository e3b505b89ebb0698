/**
 * How httpYac reads api.http: references to earlier answers as the other editors spell them, `--var url=…` in place of
 * the file's own host, and each heading as a test of the answer.
 */
const { deepEqual } = require('node:assert/strict')

const REFERENCE = /\{\{(\w+)\.response\.body\.\$\./g
const EXPECTATION = /: (?<status>\d{3})(?: (?<message>.+))?$/

module.exports = {
  configureHooks({ hooks, utils }) {
    hooks.replaceVariable.addHook('translate', translate, { before: ['name'] })
    hooks.onResponse.addHook('heading', (response, context) =>
      checkHeading(response, context, utils.testFactory(context)),
    )
  },
}

function translate(text, _type, { variables }) {
  if (typeof text !== 'string') return text
  return text.replaceAll(REFERENCE, '{{$1.').replaceAll('{{host}}', variables.url ?? '{{host}}')
}

function checkHeading({ statusCode, parsedBody }, { httpRegion }, test) {
  const expected = EXPECTATION.exec(httpRegion.metaData.title)?.groups
  if (!expected) return
  const answer = { status: String(statusCode), message: parsedBody?.message }
  test(expected.status, () => deepEqual(answer, { ...expected }))
}
