// SPDX-License-Identifier: GPL-2.0-only
/* Does data that is called as a function run? Prints "PLACE: it runs" or "PLACE: signal N" for each kind of data. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };	/* movl $42, %eax; ret */
static unsigned char data[64] = { 1 };

static void try(const char *place, void *memory)
{
	int (*function)(void) = (int (*)(void))memory;
	int status = 0;

	memcpy(memory, code, sizeof(code));
	if (!fork())
		_exit(function() == 42 ? 0 : 1);
	wait(&status);
	if (WIFSIGNALED(status))
		printf("%s: signal %d\n", place, WTERMSIG(status));
	else
		printf("%s: %s\n", place, status ? "it runs wild" : "it runs");
}

int main(void)
{
	unsigned char stack[64];
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	setvbuf(stdout, NULL, _IONBF, 0);
	try("stack", stack);
	try("heap", malloc(64));
	try("data", data);
	try("page", page);
	mprotect(page, 4096, PROT_READ | PROT_EXEC);
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
	try("page again", page);
	try("code", text);
	mprotect(text, 4096, PROT_READ | PROT_WRITE);
	try("code no more", text);
	return 0;
}
