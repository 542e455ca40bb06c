import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { Link, useRouter } from '@tanstack/react-router'
import { isProblem } from '@/api/problem'
import { t } from '@/strings'
import { Failure } from '@/ui/Failure'
import { useTitle } from '@/ui/Page'

/** What is left of a page that failed: what happened, and ways on. */
export function CrashPage({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter()
  const retry = () => {
    reset()
    void router.invalidate()
  }
  if (isProblem(error)) return <Failure error={error} retry={retry} />
  return (
    <Stack align="center" gap="xs" py={96} px="md" role="alert">
      <Title order={1}>{t.problems.crashTitle}</Title>
      <Text c="dimmed" ta="center" maw={440}>
        {t.problems.crashText}
      </Text>
      <Group mt="sm">
        <Button variant="default" onClick={retry}>
          {t.common.tryAgain}
        </Button>
        <Button
          onClick={() => {
            location.reload()
          }}
        >
          {t.problems.reload}
        </Button>
      </Group>
    </Stack>
  )
}

/** Says that there is nothing at an address, to who has no frame around it. */
export const NotFoundPage = () => (
  <main>
    <NotFound />
  </main>
)

/** The same inside of the frame, which leads on. */
export function NotFound() {
  useTitle(t.problems.notFoundTitle)
  return (
    <Stack align="center" gap="xs" py={96} px="md">
      <Title order={1}>{t.problems.notFoundTitle}</Title>
      <Text c="dimmed" ta="center" maw={440}>
        {t.problems.notFoundText}
      </Text>
      <Button component={Link} to="/" mt="sm">
        {t.problems.home}
      </Button>
    </Stack>
  )
}
