/** `npm run users`: looks after users, and imports those of an earlier service. */
import { Command } from 'commander'
import { runCommand } from './terminal.ts'
import type { UsersDatabase } from './users/database.ts'
import { keepHeapSmall, useAllCores } from './users/import/process.ts'
import type { ImportOptions } from './users/import.ts'

const about = `Looks after the users in the local database, or in that of DATABASE_URL.
NAME is a user name or an email address, in any case of letters.`

const aboutImport = `brings the users of an earlier ACME service: a mongoexport of their collection, or
an export or scan of the table in DynamoDB. It can be interrupted and run again.`

const yes = ['--yes', 'do it without asking'] as const
const iterations = ['--iterations <n>', 'PBKDF2 iterations of a hash (default: PBKDF2_ITERATIONS, or 600000)'] as const

await runCommand(async (stopped) => {
  let status = 0

  const withDatabase = async (command: (database: UsersDatabase) => Promise<number>) => {
    const { connectToUsers } = await import('./users/database.ts')
    const database = await connectToUsers()
    status = await command(database).finally(database.close)
  }

  /**
   * Runs a command with the arguments that commander has read, until it ends or Ctrl-C. Each command is loaded when it
   * is called, because an import needs neither Drizzle nor the other commands, which would take 40 MB for hours.
   */
  const act =
    <Given extends unknown[]>(load: () => Promise<(database: UsersDatabase, ...given: Given) => Promise<number>>) =>
    (...given: Given) =>
      withDatabase(async (database) => {
        const command = await load()
        return Promise.race([command(database, ...given), stopped.then(() => 130)])
      })

  const program = new Command('npm run users --').description(about).helpCommand(false)
  program.showHelpAfterError('--help explains the commands')
  program
    .command('list')
    .description('prints all users')
    .option('--json', 'as JSON, one on each line')
    .action(act(async () => (await import('./users/list.ts')).listUsers))
  program
    .command('show <NAME>')
    .description('prints a user, without the password hash')
    .action(act(async () => (await import('./users/show.ts')).showUser))
  program
    .command('reset-password <NAME>')
    .description('prints a new random password, and ends all sessions')
    .option(...yes)
    .option(...iterations)
    .action(act(async () => (await import('./users/change.ts')).resetPassword))
  program
    .command('end-sessions <NAME>')
    .description('logs a user out everywhere')
    .option(...yes)
    .action(act(async () => (await import('./users/change.ts')).endUserSessions))
  program
    .command('delete <NAME>')
    .description('deletes a user')
    .option(...yes)
    .action(act(async () => (await import('./users/change.ts')).deleteUser))
  program
    .command('import <FILE>')
    .description(aboutImport)
    .option('--dry-run', 'check and report only: hash and write nothing')
    .option('--report <PATH>', 'the file that lists skipped records (default: FILE.skipped.txt)')
    .option(...iterations)
    .action((file: string, options: ImportOptions) => {
      useAllCores()
      keepHeapSmall()
      return withDatabase(async (database) => {
        const { importUsers } = await import('./users/import.ts')
        return importUsers(database, file, options, stopped)
      })
    })
  await program.parseAsync()
  return status
})
