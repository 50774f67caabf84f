// Three things to run: `tests` (`npm test`, `cargo xtask e2e`); `conformance`, the official suites (`npm run conformance`,
// `cargo xtask conformance`); and `screenshots`, which draws every page for people to look at (`npm run screenshots`).

import { defineConfig } from '@playwright/test';

/** Root may not use Chromium's sandbox; everybody else shall. */
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: true,
  // A test that fails once has failed: nothing is tried again.
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    headless: true,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    actionTimeout: 15_000,
    navigationTimeout: 15_000,
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      chromiumSandbox: !isRoot,
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // Only this computer exists: what a page would fetch from elsewhere fails at once, and is reported.
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
      ],
    },
  },
  projects: [
    { name: 'tests', testDir: 'tests' },
    { name: 'conformance-suites', testDir: 'conformance', testMatch: '*.setup.ts' },
    { name: 'conformance', testDir: 'conformance', dependencies: ['conformance-suites'] },
    { name: 'screenshots', testDir: 'gallery' },
  ],
});
