/** Writes tables in Markdown, and puts each where a page has `<!-- name -->` and `<!-- /name -->`. */

/** Writes a table. Line breaks and bars within a cell would end it, so they are escaped. */
export function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`).join('\n')
}

/** A page with its tables filled in. */
export interface FilledPage {
  text: string
  /** The tables that were different in the page before. */
  stale: string[]
  /** The tables that the page has no marks for, each on a line of its own. */
  unmarked: string[]
}

/** Puts tables between the marks of a page. */
export function fillPage(page: string, tables: Record<string, string>): FilledPage {
  const filled: FilledPage = { text: page, stale: [], unmarked: [] }
  for (const [name, table] of Object.entries(tables)) {
    const place = new RegExp(`(?<=^<!-- ${name} -->\\n).*?(?=^<!-- /${name} -->$)`, 'ms')
    const [found] = place.exec(filled.text) ?? []
    if (found === undefined) filled.unmarked.push(name)
    else if (found !== `\n${table}\n\n`) filled.stale.push(name)
    filled.text = filled.text.replace(place, () => `\n${table}\n\n`)
  }
  return filled
}

/** Sets a text as code. */
export function code(text: string): string {
  return `\`${text}\``
}

function escapeCell(cell: string): string {
  return cell.replaceAll('\n', ' ').replace(/(?<!\\)\|/g, '\\|')
}
