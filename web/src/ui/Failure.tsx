import { Button, Code, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { isProblem } from '@/api/problem'
import { t } from '@/strings'
import { sentence } from './notify'

/** Stands where something should that could not be loaded, and offers to try again. */
export function Failure({ error, title, retry }: { error: unknown; title?: string; retry?: () => void }) {
  return (
    <Stack align="center" gap="xs" py={64} px="md" role="alert">
      <IconAlertTriangle size={28} color="var(--mantine-color-dimmed)" aria-hidden />
      <Title order={2}>{title ?? t.problems.loadTitle}</Title>
      <Text c="dimmed" ta="center" maw={460}>
        {sentence(error)}
      </Text>
      {isProblem(error) && error.requestId && <Code>{t.problems.requestId(error.requestId)}</Code>}
      {retry && (
        <Button variant="default" mt="sm" onClick={retry}>
          {t.common.tryAgain}
        </Button>
      )}
    </Stack>
  )
}
