/** Once for the tests with processes: the folder from which the container serves. */
import { rm } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { buildApp } from './app.ts'

/** Called by Vitest; the function it returns runs after the last test. */
export default async function setup({ provide }: TestProject) {
  const app = await buildApp()
  provide('app', app)
  return () => rm(app, { recursive: true })
}
