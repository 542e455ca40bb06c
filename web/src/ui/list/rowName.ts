import { isValidElement } from 'react'
import type { Column } from './column'

const longest = 80 // characters

/** What names a row to who cannot see it: the text of its title. */
export function rowName<T>(columns: Column<T>[], row: T): string | undefined {
  const title = columns.find((c) => c.card === 'title') ?? columns[0]
  const name = title?.name?.(row) ?? textOf(title?.render(row))
  return name && name.length > longest ? `${name.slice(0, longest)}…` : name
}

/** Of a text, of what shows one, and of what shows a value. */
function textOf(cell: React.ReactNode): string | undefined {
  if (typeof cell === 'string') return cell
  if (!isValidElement<{ shown?: unknown; value?: unknown; children?: unknown }>(cell)) return undefined
  const { shown, value, children } = cell.props
  return [shown, value, children].find((v) => typeof v === 'string')
}
