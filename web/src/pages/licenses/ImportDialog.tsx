import { NumberInput, Switch } from '@mantine/core'
import { useState } from 'react'
import type { App, Subscription } from '@/api/client'
import { fault, type Length, written } from '@/rules/duration'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { ImportDialog } from '@/ui/ImportDialog'
import { licensesChanged } from './data'
import { LevelSelect } from './LevelSelect'

const words = t.licenses.import
const formats = ['csv', 'json', 'ndjson', 'txt']

interface Props {
  app: App
  subscriptions: Subscription[]
  opened: boolean
  onClose: () => void
}

/** Licenses from a file; its rows may leave level and duration out. */
export function ImportLicenses({ app, subscriptions, opened, onClose }: Props) {
  const [level, setLevel] = useState(subscriptions[0]?.level ?? 1)
  const [fill, setFill] = useState(true)
  const [duration, setDuration] = useState<Length>({ amount: 30, unit: 'day' })
  return (
    <ImportDialog
      opened={opened}
      onClose={onClose}
      words={words}
      path={`/apps/${app.id}/licenses/import`}
      params={{ level: String(level), ...(fill ? { duration: written(duration) } : {}) }}
      formats={formats}
      sound={!fill || fault(duration) === null}
      changed={() => licensesChanged(app.id)}
    >
      {(at) => (
        <>
          {subscriptions.length > 0 ? (
            <LevelSelect label={words.level} hint="" subscriptions={subscriptions} value={level} onChange={setLevel} error={at('level')} />
          ) : (
            <NumberInput
              label={words.level}
              value={level}
              min={1}
              error={at('level')}
              max={1_000_000}
              onChange={(n) => {
                setLevel(Number(n) || 1)
              }}
            />
          )}
          <div>
            <Switch
              label={words.duration}
              checked={fill}
              onChange={(e) => {
                setFill(e.currentTarget.checked)
              }}
              mb={fill ? 'xs' : 0}
            />
            {fill && <DurationInput label={t.licenses.field.duration} value={duration} onChange={setDuration} error={at('duration')} />}
          </div>
        </>
      )}
    </ImportDialog>
  )
}
