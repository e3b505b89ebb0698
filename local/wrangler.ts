/** Runs `wrangler dev` as a child process that prints little and cannot outlive this one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'

/** Wrangler prints where it has put a message that the Worker sent. */
const MESSAGE = /^Text: (.*[\\/]email-text[\\/].*)$/

const leash = join(import.meta.dirname, 'leash.ts')
const wrangler = join(import.meta.dirname, '../node_modules/wrangler/bin/wrangler.js')

/** Switches off telemetry, the update check and the request for `cf` data, which warn on a machine without network. */
export const quiet = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
}

/** A running `wrangler dev`. */
export interface Wrangler {
  /** Its exit status, once it ends. */
  exited: Promise<number>
  /** Ends Wrangler and everything that it started. */
  close(): Promise<void>
}

/** Options of `startWrangler`. */
export interface WranglerOptions {
  flags: readonly string[]
  /** Settings in place of those in `.dev.vars`. */
  vars: Record<string, string>
  /** Called once the Worker answers. */
  onReady(): void
}

/** Starts `wrangler dev`. */
export function startWrangler({ flags, vars, onReady }: WranglerOptions): Wrangler {
  const settings = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  // Unminified, so that a stack in the log has the functions' names.
  const fixed = ['--show-interactive-dev-session=false', '--test-scheduled', '--minify=false']
  const args = ['dev', ...fixed, ...settings, ...flags]
  const child = spawn(process.execPath, [leash, wrangler, ...args], {
    // A process group of its own, so that Ctrl-C reaches only us and we decide in which order to end.
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...quiet },
  })
  showFromReady(child.stdout, onReady)
  const exited = once(child, 'exit').then(([status]) => Number(status ?? 1))
  return {
    exited,
    async close() {
      killGroup(child.pid, 'SIGTERM')
      await Promise.race([exited, setTimeout(3_000)])
      killGroup(child.pid, 'SIGKILL')
    },
  }
}

/**
 * Shows the output from the moment when the Worker is ready. Before that Wrangler lists what the developer knows. Its
 * line for each request is left out too, because the Worker logs one. A message is shown whole, so that its link can be
 * followed.
 */
function showFromReady(output: Readable, onReady: () => void): void {
  let ready = false
  createInterface({ input: output }).on('line', (line) => {
    if (!ready) {
      ready = line.includes('Ready on ')
      if (ready) onReady()
    } else if (!line.startsWith('[wrangler:info] ')) {
      const [, message] = MESSAGE.exec(line) ?? []
      console.log(message ? readFileSync(message, 'utf8') : line)
    }
  })
}

function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (leader !== undefined) process.kill(-leader, signal)
  } catch {
    // The group has ended already.
  }
}
