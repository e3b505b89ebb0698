/** The documentation page: Swagger UI on this service's description; a login made on the page signs the calls after it. */

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
      statePlugins: { auth: { wrapActions: { authorize: authorizeEverywhere, logout: logOutEverywhere } } },
      wrapComponents: { AuthorizeBtnContainer: showToken },
    },
  ],
})

followColorScheme(matchMedia('(prefers-color-scheme: dark)'))

/** Whatever call answers with an access token: the calls after it bear that. */
function keepToken(response) {
  if (response.ok && response.obj?.access_token)
    ui.authActions.authorize({ token: { value: response.obj.access_token } })
  return response
}

/** The description has a security scheme for each reach that a token may have; to the person it is one token. */
function authorizeEverywhere(authorize, { specSelectors }) {
  return (given) => {
    const [{ value }] = Object.values(given)
    const schemes = Object.entries(specSelectors.securityDefinitions().toJS())
    return authorize(Object.fromEntries(schemes.map(([name, schema]) => [name, { name, schema, value }])))
  }
}

function logOutEverywhere(logOut, { specSelectors }) {
  return () => logOut([...specSelectors.securityDefinitions().keys()])
}

/** Says whose token the page holds, however it came by it, beside the button that takes another. */
function showToken(Button, { React, authSelectors }) {
  return (props) => {
    const token = authSelectors.authorized()?.first()?.get('value')
    const status = React.createElement('p', { className: 'session', role: 'status' }, describe(token))
    return React.createElement(React.Fragment, null, status, React.createElement(Button, props))
  }
}

function describe(token) {
  if (!token) return 'What you execute here is real. To sign in, execute POST /login, or paste a token under Authorize.'
  const kept = 'Calls that take a token bear it. Reloading the page forgets it.'
  try {
    const { Username, exp } = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
    return `Signed in as ${Username} until ${new Date(exp * 1000).toLocaleTimeString()}. ${kept}`
  } catch {
    return `Signed in. ${kept}`
  }
}

/** Swagger UI keeps its dark styles behind this class. */
function followColorScheme(dark) {
  document.documentElement.classList.toggle('dark-mode', dark.matches)
  dark.onchange = () => followColorScheme(dark)
}
