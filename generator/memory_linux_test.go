package main

import "minxi/generator/internal/publish/hosttest"

func init() { hosttest.InMemory() }
