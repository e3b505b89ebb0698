/** Lays the image out as the Dockerfile says, once for all tests in Node. */
import type { TestProject } from 'vitest/node'
import { buildImage } from './image.ts'

/** Called by Vitest; the function it returns runs after the last test. */
export default async function setup(project: TestProject) {
  const { remove, ...image } = await buildImage()
  project.provide('image', image)
  return remove
}
