import { Table } from '@mantine/core'
import clsx from 'clsx'
import { memo } from 'react'
import { t } from '@/strings'
import type { Column } from './column'
import classes from './Row.module.css'
import { RowMenu } from './RowMenu'
import { rowName } from './rowName'

const surelyFits = 10 // characters, in every column

interface Props<T> {
  /** undefined: it is only waited for, and its cells are bars. */
  row: T | undefined
  columns: Column<T>[]
  onOpen?: (row: T) => void
  rowMenu?: (row: T) => React.ReactNode
  /** Left out: rows of this list cannot be picked. */
  onPick?: (row: T, range: boolean) => void
  picked: boolean
}

/**
 * A row of a table: plain elements with the table's classes, since a list has
 * hundreds of cells, and made anew only if something of it has changed.
 */
export const Row = memo(function Row<T>({ row, columns, onOpen, rowMenu, onPick, picked }: Props<T>) {
  const waits = row === undefined
  const name = waits || !(onPick || rowMenu) ? undefined : rowName(columns, row)
  return (
    <tr
      className={clsx(Table.classes.tr, 'mantine-datatable-row', classes.row)}
      data-with-row-border
      data-hover={(!waits && Boolean(onOpen)) || undefined}
      data-selected={picked || undefined}
      onClick={
        onOpen &&
        ((e) => {
          // Marking text or pressing something in the row opens nothing.
          if (waits || window.getSelection()?.type === 'Range' || (e.target as Element).closest('button, a, input, label')) return
          onOpen(row)
        })
      }
    >
      {onPick && !waits && (
        <td
          className={clsx(Table.classes.td, 'mantine-datatable-row-selector-cell')}
          onClick={(e) => {
            e.stopPropagation()
            onPick(row, e.shiftKey)
          }}
        >
          <input type="checkbox" className={classes.pick} aria-label={t.list.selectRow(name)} checked={picked} readOnly />
        </td>
      )}
      {columns.map((c) => {
        const value = waits ? <span className={classes.bar} /> : c.render(row)
        return (
          <td
            key={c.id}
            className={clsx(Table.classes.td, 'mantine-datatable-nowrap', classes.cell, c.align && classes.right)}
            style={{ width: c.width, minWidth: c.width, maxWidth: c.width }}
            title={typeof value === 'string' && value.length > surelyFits ? value : undefined}
          >
            {value}
          </td>
        )
      })}
      {rowMenu && <td className={clsx(Table.classes.td, classes.menuCell)}>{!waits && <RowMenu name={name} items={() => rowMenu(row)} />}</td>}
    </tr>
  )
}) as <T>(props: Props<T>) => React.ReactNode
