// Becoming somebody: set-up link, sign-up, sign-in, by the pages; and by the API, where the test is about something else.

import { expect, type APIResponse, type Page } from '@playwright/test';

import { PASSWORD, type Gateway } from '../fixtures/gateway.ts';

/** A person with a local account. */
export interface Person {
  name: string;
  email: string;
  password: string;
}

export const ADA: Person = { name: 'Ada Lovelace', email: 'ada@msp.example', password: PASSWORD };
export const BOB: Person = { name: 'Bob Menabrea', email: 'bob@msp.example', password: PASSWORD };

/** Fills the form of a new account and sends it; ends in Settings. */
export async function createAccount(page: Page, person: Person): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
}

/** Makes the first account by the set-up link that the gateway printed. */
export async function setUp(page: Page, gateway: Gateway, person = ADA): Promise<void> {
  await page.goto(gateway.setUpLink);
  await expect(page.getByRole('heading', { name: 'Welcome. Make the first account.' })).toBeVisible();
  await createAccount(page, person);
}

/** Fills the form of the sign-in page and sends it. */
export async function signIn(page: Page, person: Pick<Person, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Makes an account as the operator does, and signs the browser in without a page. */
export async function begin(page: Page, gateway: Gateway, person = ADA): Promise<void> {
  await gateway.createAccount(person.name, person.email, person.password);
  await signInByApi(page, gateway, person);
}

/** Signs the page's browser in without a page. */
export async function signInByApi(page: Page, gateway: Gateway, person: Person): Promise<void> {
  const { email, password } = person;
  await good(page.request.post(`${gateway.url}/api/session`, { data: { email, password } }));
}

/** The answer, which must be a good one. */
export async function good(answer: Promise<APIResponse>): Promise<APIResponse> {
  const response = await answer;
  if (!response.ok()) throw new Error(`${response.url()}: ${response.status()} ${await response.text()}`);
  return response;
}
