import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { subscriptionsQuery } from '@/app/apps'
import { t } from '@/strings'
import { ActionDialog, bulkPreview } from '@/ui/ActionDialog'
import { saveFile } from '@/ui/clipboard'
import { cell } from '@/ui/csv'
import { CopyButton, CopyCell } from '@/ui/Copy'
import { Modal } from '@/ui/Layer'
import { done } from '@/ui/notify'
import { countMany, createMany, type Token } from './data'

const words = t.tokens.many
const shown = 100 // tokens on the screen; files have all

/** Makes a token for each of many licenses, and gives them out to copy and save. */
export function ManyTokens({ app, opened, onClose }: { app: string; opened: boolean; onClose: () => void }) {
  const [level, setLevel] = useState<number>()
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), 300)
  const [made, make] = useState<Token[]>()
  const { data: subscriptions = [] } = useQuery({ ...subscriptionsQuery(app), enabled: opened })
  return (
    <>
      <ActionDialog
        opened={opened}
        onClose={onClose}
        title={words.title}
        text={words.text}
        label={(p) => words.submit(p?.changes)}
        preview={{ key: [app, 'tokens', level, search], load: async (signal) => bulkPreview(await countMany(app, { level, search }, signal), words) }}
        run={async (report, signal) => {
          const tokens = await createMany(app, { level, search: text.trim() }, signal, report)
          done(words.done(tokens.length))
          make(tokens)
        }}
      >
        <Select
          label={words.level}
          placeholder={words.anyLevel}
          data={[...new Set(subscriptions.map((s) => s.level))].sort((a, b) => a - b).map(String)}
          value={level ? String(level) : null}
          onChange={(v) => {
            setLevel(Number(v) || undefined)
          }}
          clearable
        />
        <TextInput
          label={words.search}
          description={words.searchHint}
          value={text}
          onChange={(e) => {
            setText(e.currentTarget.value)
          }}
          maxLength={200}
        />
      </ActionDialog>
      <Result
        tokens={made}
        onClose={() => {
          make(undefined)
        }}
      />
    </>
  )
}

function Result({ tokens = [], onClose }: { tokens?: Token[]; onClose: () => void }) {
  const stamp = new Date().toISOString().slice(0, 10)
  return (
    <Modal opened={tokens.length > 0} onClose={onClose} title={words.result(tokens.length)} size="lg">
      <Stack>
        <Group gap="xs">
          <CopyButton value={() => tokens.map((k) => k.token).join('\n')} label={words.copyAll} variant="filled" />
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => {
              saveFile(`tokens-${stamp}.txt`, [tokens.map((k) => k.token + '\n').join('')], 'text/plain')
            }}
          >
            {words.saveTxt}
          </Button>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => {
              saveFile(`tokens-${stamp}.csv`, ['token,license\r\n', tokens.map((k) => `${k.token},${cell(k.license_key ?? '')}\r\n`).join('')], 'text/csv')
            }}
          >
            {words.saveCsv}
          </Button>
        </Group>
        <Stack gap={4} data-testid="new-tokens">
          {tokens.slice(0, shown).map((k) => (
            <CopyCell key={k.id} value={k.token} what={`${t.common.copy}: ${t.tokens.field.token}`} />
          ))}
        </Stack>
        {tokens.length > shown && (
          <Text size="sm" c="dimmed">
            {words.rest(tokens.length - shown)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t.common.done}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
