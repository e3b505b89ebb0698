/** Once for the tests with processes: the server for their databases, and the folder from which the container serves. */
import { rm } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { buildApp } from './app.ts'
import startPostgres from './postgres-setup.ts'

/** Called by Vitest; the function it returns runs after the last test. */
export default async function setup({ provide }: TestProject) {
  const [stopPostgres, app] = await Promise.all([startPostgres(), buildApp()])
  provide('app', app)
  return async () => {
    await Promise.all([stopPostgres?.(), rm(app, { recursive: true })])
  }
}
