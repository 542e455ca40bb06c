import { Button, Group, Menu, Stack, Text, Tooltip } from '@mantine/core'
import { IconDownload, IconPrinter } from '@tabler/icons-react'
import clsx from 'clsx'
import { useState } from 'react'
import { createPortal } from 'react-dom'
import type { App, Subscription } from '@/api/client'
import { said, written } from '@/rules/duration'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { saveFile } from '@/ui/clipboard'
import { CopyButton, CopyCell } from '@/ui/Copy'
import { focused } from '@/ui/focused'
import { exactly } from '@/ui/time'
import { keyFile, type KeyFormat } from './file'
import type { Made } from './CreateDrawer'
import classes from './Result.module.css'

const shown = 200 // keys on the screen; files have all
const printable = 5000

interface Props {
  app: App
  subscriptions: Subscription[]
  made: Made
}

/** The keys of a new batch: to copy, to save, to print. */
export function Result({ app, subscriptions, made, again, onClose }: Props & { again: () => void; onClose: () => void }) {
  const { keys } = made
  const [printing, setPrinting] = useState(false)
  const words = t.licenses.create
  const save = (format: KeyFormat) => () => {
    const file = keyFile(made, format)
    saveFile(file.name, file.parts, file.type)
  }
  const print = () => {
    setPrinting(true)
    // Two frames: the list has to be on the page before it is printed.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        window.print()
        setPrinting(false)
      }),
    )
  }
  return (
    <Stack gap="md">
      <Group gap="xs" ref={focused} tabIndex={-1} role="group" aria-label={words.made(keys.length)} className={classes.first}>
        <CopyButton value={() => keys.join('\n')} label={keys.length === 1 ? t.licenses.details.copyKey : words.copyAll} variant="filled" />
        <Menu>
          <Menu.Target>
            <Button variant="default" leftSection={<IconDownload size={16} />}>
              {t.common.download}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={save('txt')}>{words.downloadTxt}</Menu.Item>
            <Menu.Item onClick={save('csv')}>{words.downloadCsv}</Menu.Item>
            <Menu.Item onClick={save('json')}>{words.downloadJson}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Tooltip label={words.printMany} disabled={keys.length <= printable}>
          <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={print} disabled={keys.length > printable}>
            {words.print}
          </Button>
        </Tooltip>
      </Group>
      <ol className={classes.keys} data-testid="new-keys">
        {keys.slice(0, shown).map((k) => (
          <li key={k}>
            <CopyCell value={k} what={t.licenses.details.copyKey} />
          </li>
        ))}
      </ol>
      {keys.length > shown && (
        <Text size="sm" c="dimmed">
          {words.more(keys.length - shown)}
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={again}>
          {words.again}
        </Button>
        <Button onClick={onClose}>{t.common.done}</Button>
      </Group>
      {printing &&
        createPortal(
          <Sheet app={app} subscriptions={subscriptions} made={made} />,
          document.body,
        )}
    </Stack>
  )
}

const short = 30 // characters of a key: two of them stand beside each other

/** The keys on paper, with what they are of. The note is the seller's own and stays here. */
function Sheet({ app, subscriptions, made: { keys, values } }: Props) {
  const words = t.licenses.create.sheet
  const names = subscriptions.filter((s) => s.level === values.level).map((s) => s.name)
  const facts: [string, string][] = [
    [t.licenses.field.subscription, names.length > 0 ? names.join(', ') : words.level(values.level)],
    [t.licenses.field.duration, said(written(values.duration))],
    [words.amount, number(keys.length)],
    [words.made, exactly(new Date())],
  ]
  return (
    <div className={clsx('print-only', classes.sheet)} data-testid="sheet">
      <h1>{app.name}</h1>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ol data-two={keys.every((k) => k.length <= short) || undefined}>
        {keys.map((k) => (
          <li key={k}>{k}</li>
        ))}
      </ol>
    </div>
  )
}
