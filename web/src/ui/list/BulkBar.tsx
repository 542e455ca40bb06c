import { Button, CloseButton, Group, Paper, Portal, Text, Transition } from '@mantine/core'
import { t } from '@/strings'
import classes from './DataList.module.css'
import type { Selection } from './useSelection'

interface Props<T> {
  selection: Selection<T>
  total?: number
  /** Whether there are rows beyond this page. */
  more: boolean
  children: React.ReactNode
}

/** What can be done with the rows that are picked. */
export function BulkBar<T>({ selection, total, more, children }: Props<T>) {
  const { count, everything } = selection
  return (
    <Portal>
      <Transition mounted={count > 0 || everything} transition="slide-up" duration={140}>
        {(style) => (
          <div className={classes.bulk} style={style} role="region" aria-label={t.common.actions}>
            <Paper withBorder shadow="lg" px="sm" py={8} role="toolbar" aria-label={t.common.actions}>
              <Group gap="xs" wrap="wrap">
                <Text size="sm" fw={600} aria-live="polite" data-testid="selected">
                  {everything ? t.list.allSelected(total) : t.list.selected(count)}
                </Text>
                {more && !everything && (
                  <Button size="compact-sm" variant="subtle" onClick={selection.all}>
                    {t.list.selectAll(total)}
                  </Button>
                )}
                <span className={classes.divide} aria-hidden />
                {children}
                <CloseButton aria-label={t.list.clearSelection} onClick={selection.clear} />
              </Group>
            </Paper>
          </div>
        )}
      </Transition>
    </Portal>
  )
}
