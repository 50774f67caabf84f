// Every scenario that the official suites require, with what the suite found.

import { expect, test } from '@playwright/test';

import { SUITES, checks, show, verdict } from './official.ts';

for (const suite of SUITES) {
  test.describe(suite.name, () => {
    for (const scenario of suite.scenarios) {
      test(scenario, async ({}, { project }) => {
        const all = await checks(suite, project.outputDir, scenario);
        const failed = all.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
        expect(failed.map(show).join('\n'), 'what the suite finds wrong').toBe('');
        expect(all.some(({ status }) => status === 'SUCCESS'), 'the suite has checked something').toBe(true);
      });
    }

    test('the suite is content', async ({}, { project }) => {
      const { code, summary } = await verdict(suite, project.outputDir);
      expect(code, summary).toBe('0');
    });
  });
}
