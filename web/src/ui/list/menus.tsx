import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconAdjustmentsHorizontal, IconArrowDown, IconArrowUp, IconColumns3, IconDownload } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { mayDownload } from '@/api/client'
import { t } from '@/strings'
import { failed } from '../notify'
import type { Column } from './column'
import type { Format, Save } from './saving'

// Most visits save nothing.
const SaveDialog = lazy(() => import('./SaveDialog')) as <T>(props: { save: Save<T>; format: Format; onClose: () => void }) => React.ReactNode

interface ViewProps<T> {
  columns: Column<T>[]
  shown: Column<T>[]
  choose: (ids: string[]) => void
  /** Where no table's head offers it: how the rows are sorted, and how to sort them otherwise. */
  sorting?: { sort: string; setSort: (sort: string) => void }
}

/** Which columns a list shows and, where it has no head to press, its order. */
export function ViewMenu<T>({ columns, shown, choose, sorting }: ViewProps<T>) {
  const on = new Set(shown.map((c) => c.id))
  const sorts = sorting ? columns.flatMap((c) => (c.sort ? [c.sort, `-${c.sort}`].map((by) => ({ by, title: c.title, up: by === c.sort })) : [])) : []
  const label = sorting ? t.list.view : t.list.columns
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Tooltip label={label}>
          <ActionIcon size="lg" aria-label={label}>
            {sorting ? <IconAdjustmentsHorizontal size={18} /> : <IconColumns3 size={18} />}
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: 'auto' }}>
        {sorting && sorts.length > 0 && (
          <>
            <Menu.Label>{t.list.sort}</Menu.Label>
            <Menu.RadioGroup value={sorting.sort} onChange={sorting.setSort}>
              {sorts.map(({ by, title, up }) => (
                <Menu.RadioItem key={by} value={by} aria-label={t.list.sortedBy(title, up)} rightSection={up ? <IconArrowUp size={14} aria-hidden /> : <IconArrowDown size={14} aria-hidden />}>
                  {title}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Divider />
          </>
        )}
        <Menu.Label>{t.list.columns}</Menu.Label>
        {columns
          .filter((c) => !c.always)
          .map((c) => (
            <Menu.CheckboxItem
              key={c.id}
              checked={on.has(c.id)}
              closeMenuOnClick={false}
              onChange={() => {
                choose(columns.filter((x) => (x.id === c.id ? !on.has(x.id) : on.has(x.id))).map((x) => x.id))
              }}
            >
              {c.title}
            </Menu.CheckboxItem>
          ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Begins a download, after the password where the server wants it. */
async function download(href: string) {
  try {
    if (!(await mayDownload())) return
  } catch (e) {
    failed(e)
    return
  }
  const link = document.createElement('a')
  link.href = href
  link.download = ''
  link.click()
}

const formats: Format[] = ['csv', 'json']

interface ExportProps<T> {
  /** Links of the server's. */
  exports?: { label: string; href: string }[]
  /** Where it has none. */
  save?: Save<T>
}

/** Ways to save a list. */
export function ExportMenu<T>({ exports = [], save }: ExportProps<T>) {
  const [saving, start] = useState<{ save: Save<T>; format: Format }>()
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Tooltip label={t.list.export}>
            <ActionIcon size="lg" aria-label={t.list.export}>
              <IconDownload size={18} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t.list.export}</Menu.Label>
          {exports.map((e) => (
            <Menu.Item
              key={e.label}
              component="a"
              href={e.href}
              download
              onClick={(event: React.MouseEvent) => {
                event.preventDefault()
                void download(e.href)
              }}
            >
              {e.label}
            </Menu.Item>
          ))}
          {save &&
            formats.map((format) => (
              <Menu.Item key={format} onClick={() => { start({ save, format }) }}>
                {t.list.format[format]}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      {saving && (
        <Suspense>
          <SaveDialog {...saving} onClose={() => { start(undefined) }} />
        </Suspense>
      )}
    </>
  )
}
