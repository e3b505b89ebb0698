/** 1. Ask over HTTP: from anywhere, one request for each token. Throws where the user service cannot say. */
export async function verifyOverHttp(token: string, env: { USERS_URL: string }): Promise<boolean> {
  const response = await fetch(`${env.USERS_URL}/verify-token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ access_token: token }),
  })
  if (response.ok || response.status === 401) return response.ok
  throw new Error(`the user service answered ${response.status}`)
}
