import { Checkbox, Group, Skeleton, Stack } from '@mantine/core'
import { t } from '@/strings'
import type { Column } from './column'
import { RowMenu } from './DataList'
import classes from './DataList.module.css'
import type { Selection } from './useSelection'

interface Props<T> {
  rows: T[]
  columns: Column<T>[]
  rowId: (row: T) => string
  pending: boolean
  onOpen?: (row: T) => void
  rowMenu?: (row: T) => React.ReactNode
  selection?: Selection<T>
}

/** The rows of a list on a narrow screen. */
export function Cards<T>({ rows, columns, rowId, pending, onOpen, rowMenu, selection }: Props<T>) {
  if (pending) {
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
  const lines = columns.filter((c) => c !== title && c !== side && c.card !== 'off')
  const picked = new Set(selection?.onPage.map(rowId))
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
            {selection && (
              <Checkbox
                size="sm"
                aria-label={t.list.selectRow}
                checked={picked.has(rowId(row))}
                onChange={(e) => {
                  const on = e.currentTarget.checked
                  selection.pick(rows.filter((r) => (r === row ? on : picked.has(rowId(r)))))
                }}
              />
            )}
            <div className={classes.cardTitle}>{title?.render(row)}</div>
            {rowMenu && <RowMenu>{rowMenu(row)}</RowMenu>}
          </Group>
          <div className={classes.cardLines}>
            {side && <span>{side.render(row)}</span>}
            {lines.map((c) => {
              const value = c.render(row)
              return value == null || value === '' || value === false ? null : (
                <span key={c.id} title={c.title}>
                  {value}
                </span>
              )
            })}
          </div>
        </li>
      ))}
    </ul>
  )
}
