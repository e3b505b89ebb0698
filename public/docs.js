/** The documentation page: Swagger UI with the service's description. A login on the page signs the calls after it. */

const ui = globalThis.SwaggerUIBundle({
  url: 'openapi.json',
  domNode: document.getElementById('reference'),
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  syntaxHighlight: { theme: 'nord' },
  // A token in localStorage would outlive the page and be within reach of every script of this origin.
  persistAuthorization: false,
  responseInterceptor: keepToken,
  plugins: [
    {
      // Only the dialog's token is checked. One that the service has just answered with needs no check.
      statePlugins: {
        auth: { wrapActions: { authorizeWithPersistOption: authorizePasted, showDefinitions: forgetRefusedToken } },
      },
      wrapComponents: {
        AuthorizeBtnContainer: showToken,
        authorizeOperationBtn: replaceLock,
        authError: showRefusedToken,
        response: foldRefusal,
      },
    },
  ],
})

followColorScheme(matchMedia('(prefers-color-scheme: dark)'))

/** Keeps the access token of any answer, for the calls after it. */
function keepToken(response) {
  if (response.ok && response.obj?.access_token) ui.preauthorizeApiKey('accessToken', response.obj.access_token)
  return response
}

/** Finds a token in the pasted text, and takes it if the service accepts it. */
function authorizePasted(authorize, { errActions }) {
  return async ({ accessToken }) => {
    errActions.clear({ type: 'auth' })
    let message = 'There is no access token in this. Paste the access_token that a login has answered with.'
    for (const value of findTokens(accessToken?.value ?? '')) {
      const status = await verify(value)
      if (status === 200) return authorize({ accessToken: { ...accessToken, value } })
      message =
        status === 401
          ? 'The service refuses this token: it has expired, is not whole, or comes from elsewhere. Log in for a new one.'
          : 'The service could not check this token. Try again later.'
    }
    // Only the dialog shows a warning; the page would show an error too.
    errActions.newAuthErr({ authId: 'accessToken', level: 'warning', message })
  }
}

function forgetRefusedToken(showDialog, { errActions }) {
  return (definitions) => {
    errActions.clear({ type: 'auth' })
    return showDialog(definitions)
  }
}

/** Finds access tokens in a text, as it is and without line breaks, because terminals and mails break a token in two. */
function findTokens(text) {
  const texts = [text, text.replaceAll(/[\s\p{Cf}]/gu, '')]
  const found = texts.flatMap((each) => each.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? [])
  return new Set(found.filter((token) => readClaims(token)?.Username))
}

/** Returns the status of the service's answer, or undefined if it cannot be reached. */
function verify(token) {
  const headers = { 'Content-Type': 'application/json' }
  const call = fetch('verify-token', { method: 'POST', headers, body: JSON.stringify({ access_token: token }) })
  return call.then(
    ({ status }) => status,
    () => undefined,
  )
}

function readClaims(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
  } catch {
    return undefined
  }
}

function showRefusedToken(_, { React }) {
  return ({ error }) => React.createElement('p', { className: 'refused', role: 'alert' }, error.get('message'))
}

/** Shows whose token the page holds, beside the button that takes another. */
function showToken(Button, { React, authSelectors }) {
  return (props) => {
    const token = authSelectors.authorized().getIn(['accessToken', 'value'])
    const status = React.createElement('p', { className: 'session', role: 'status' }, describe(token))
    return React.createElement(React.Fragment, null, status, React.createElement(Button, props))
  }
}

function describe(token) {
  if (!token) return 'What you execute here is real. To sign in, execute POST /login, or paste a token under Authorize.'
  const { Username, exp } = readClaims(token)
  const until = new Date(exp * 1000).toLocaleTimeString()
  return `Signed in as ${Username} until ${until}. Calls that take a token send it. Reloading the page forgets it.`
}

/** Puts words in place of the lock. Swagger UI closes it for a call that can be made, which looks as if it cannot. */
function replaceLock(_, { React, authSelectors }) {
  return ({ isAuthorized, onClick }) => {
    const asked = isAuthorized ? 'May need a token' : 'Needs a token'
    const words = authSelectors.authorized().has('accessToken') ? 'Sends your token' : asked
    return React.createElement('button', { className: 'token', onClick }, words)
  }
}

/** Shows each refusal as one line until it is opened, because there are many and they are much alike. */
function foldRefusal(Response, { React }) {
  const { createElement } = React
  return (props) => {
    const row = createElement(Response, props)
    if (props.code.startsWith('2')) return row
    const code = createElement('span', { className: 'response-col_status' }, props.code)
    const summary = createElement('summary', null, code, props.response.get('description'))
    const table = createElement('table', null, createElement('tbody', null, row))
    const details = createElement('details', null, summary, table)
    return createElement('tr', { className: 'refusal' }, createElement('td', { colSpan: 3 }, details))
  }
}

/** Swagger UI keeps its dark styles behind this class. */
function followColorScheme(dark) {
  document.documentElement.classList.toggle('dark-mode', dark.matches)
  dark.onchange = () => followColorScheme(dark)
}
