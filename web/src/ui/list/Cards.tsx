import { Checkbox, Group, Skeleton, Stack } from '@mantine/core'
import { memo } from 'react'
import { t } from '@/strings'
import type { Column } from './column'
import classes from './DataList.module.css'
import { RowMenu } from './RowMenu'
import { rowName } from './rowName'

interface Props<T> {
  /** undefined while they are waited for. */
  rows: T[] | undefined
  columns: Column<T>[]
  rowId: (row: T) => string
  onOpen?: (row: T) => void
  rowMenu?: (row: T) => React.ReactNode
  /** Those that are picked; left out: none can be. */
  picked?: T[]
  pick: (rows: T[]) => void
}

/** The rows of a list on a narrow screen. */
export const Cards = memo(function Cards<T>({ rows, columns, rowId, onOpen, rowMenu, picked, pick }: Props<T>) {
  if (!rows) {
    return (
      <Stack gap="xs">
        {[0, 1, 2, 3, 4, 5].map((i) => (
          <Skeleton key={i} height={92} radius="lg" />
        ))}
      </Stack>
    )
  }
  const title = columns.find((c) => c.card === 'title') ?? columns[0]
  const side = columns.find((c) => c.card === 'side')
  const lines = columns.filter((c) => c !== title && c !== side)
  const on = new Set(picked?.map(rowId))
  return (
    <ul className={classes.cards}>
      {rows.map((row) => (
        <li
          key={rowId(row)}
          className={classes.card}
          data-open={onOpen ? true : undefined}
          onClick={(e) => {
            if ((e.target as Element).closest('button, a, input, label')) return
            onOpen?.(row)
          }}
        >
          <Group justify="space-between" wrap="nowrap" gap="xs">
            {picked && (
              <Checkbox
                size="sm"
                aria-label={t.list.selectRow(rowName(columns, row))}
                checked={on.has(rowId(row))}
                onChange={(e) => {
                  const add = e.currentTarget.checked
                  pick(rows.filter((r) => (r === row ? add : on.has(rowId(r)))))
                }}
              />
            )}
            <div className={classes.cardTitle}>{title?.render(row)}</div>
            {rowMenu && (
              <span className={classes.cardMenu}>
                <RowMenu name={rowName(columns, row)} items={() => rowMenu(row)} />
              </span>
            )}
          </Group>
          <div className={classes.cardLines}>
            {side && <span>{side.align ? <Named by={side.title}>{side.render(row)}</Named> : side.render(row)}</span>}
            {lines.map((c) => {
              const value = c.render(row)
              return value == null || value === '' || value === false ? null : (
                <span key={c.id}>
                  <Named by={c.title}>{value}</Named>
                </span>
              )
            })}
          </div>
        </li>
      ))}
    </ul>
  )
}) as <T>(props: Props<T>) => React.ReactNode

/** A value that says nothing without the heading that it has in a table. */
function Named({ by, children }: { by: string; children: React.ReactNode }) {
  return (
    <>
      <span className={classes.cardName}>{by}</span>
      <span className={classes.cardValue}>{children}</span>
    </>
  )
}
